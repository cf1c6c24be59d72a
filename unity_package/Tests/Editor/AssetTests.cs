using System;
using System.IO;
using System.Linq;
using NUnit.Framework;
using UnityEditor;
using UnityEngine;

namespace SkyServer.Editor.Tests
{
    public sealed class AssetTests
    {
        [TearDown]
        public void DeleteSkies()
        {
            AssetDatabase.DeleteAsset(TestSky.Folder);
        }

        private static GeneratedSky Create(SkyRecipe recipe)
        {
            return SkyAssets.Create(TestSky.Result(recipe), recipe, TestSky.Folder);
        }

        // -------------------------------------------------------------------------------- names

        [TestCase("Cu", "", "42", "Sky Cu 42")]
        [TestCase("Cu", "Ci", "42", "Sky Cu-Ci 42")]
        [TestCase("../../Cu", "", "0", "Sky ______Cu 0")]
        [TestCase("C:\\Cu", "", "0", "Sky C__Cu 0")]
        [TestCase("C\nu\0", "", "0", "Sky C_u_ 0")]
        public void AssetsAreNamedAfterTheSky(string cloud, string mixWith, string seed, string name)
        {
            var recipe = new SkyRecipe { Cloud = cloud, MixWith = mixWith, Seed = seed };
            Assert.AreEqual(name, AssetNames.Of(recipe, null));
        }

        [Test]
        public void ANameStaysShort()
        {
            var recipe = new SkyRecipe { Cloud = new string('x', 5000) };
            Assert.AreEqual(60, AssetNames.Of(recipe, null).Length);
        }

        [TestCase("Assets", "Assets")]
        [TestCase("Assets/Skies/", "Assets/Skies")]
        [TestCase(" Assets\\My Skies\\[1] ", "Assets/My Skies/[1]")]
        public void AFolderIsWrittenAsUnityDoes(string given, string written)
        {
            Assert.AreEqual(written, AssetNames.Folder(given));
        }

        [TestCase(null)]
        [TestCase("")]
        [TestCase("Skies")]
        [TestCase("/Assets/Skies")]
        [TestCase("Packages/Skies")]
        [TestCase("Assets/../../Skies")]
        [TestCase("Assets//Skies")]
        [TestCase("Assets/Skies /Mine")]
        public void AFolderOutsideOfAssetsIsRefused(string folder)
        {
            Assert.Throws<ArgumentException>(() => AssetNames.Folder(folder));
        }

        [Test]
        public void ATakenNameGetsANumber()
        {
            GeneratedSky first = Create(TestSky.Recipe(SkyboxLayout.Panoramic));
            GeneratedSky second = Create(TestSky.Recipe(SkyboxLayout.Panoramic));
            Assert.AreEqual(TestSky.Folder + "/Sky Cu 42/Sky Cu 42.asset", AssetDatabase.GetAssetPath(first));
            Assert.AreEqual(TestSky.Folder + "/Sky Cu 42 1/Sky Cu 42 1.asset", AssetDatabase.GetAssetPath(second));
        }

        // ------------------------------------------------------------------------------ textures

        [TestCase(SkyboxLayout.Panoramic, TextureImporterShape.Texture2D, TextureWrapMode.Repeat, false)]
        [TestCase(SkyboxLayout.SixSided, TextureImporterShape.Texture2D, TextureWrapMode.Clamp, false)]
        [TestCase(SkyboxLayout.Cubemap, TextureImporterShape.TextureCube, TextureWrapMode.Clamp, true)]
        public void EachLayoutHasItsImportSettings(
            SkyboxLayout layout, TextureImporterShape shape, TextureWrapMode wrapModeU, bool mipmaps)
        {
            GeneratedSky sky = Create(TestSky.Recipe(layout));
            Assert.AreEqual(layout == SkyboxLayout.SixSided ? 6 : 1, sky.Textures.Length);
            foreach (Texture texture in sky.Textures)
            {
                var importer = (TextureImporter)AssetImporter.GetAtPath(AssetDatabase.GetAssetPath(texture));
                Assert.AreEqual(shape, importer.textureShape);
                Assert.AreEqual(wrapModeU, importer.wrapModeU);
                Assert.AreEqual(TextureWrapMode.Clamp, importer.wrapModeV);
                Assert.AreEqual(mipmaps, importer.mipmapEnabled);
                Assert.AreEqual(TextureImporterCompression.CompressedHQ, importer.textureCompression);
                Assert.AreEqual(TextureImporterNPOTScale.None, importer.npotScale);
                Assert.IsTrue(importer.sRGBTexture);
                Assert.IsFalse(importer.isReadable);
                Assert.AreEqual(32, texture.width);
            }
        }

        [Test]
        public void SixFacesLieInTheOrderOfTheCube()
        {
            GeneratedSky sky = Create(TestSky.Recipe(SkyboxLayout.SixSided));
            string[] sides = { "_LeftTex", "_RightTex", "_UpTex", "_DownTex", "_FrontTex", "_BackTex" };
            string[] axes = { "+X", "-X", "+Y", "-Y", "+Z", "-Z" };
            for (int face = 0; face < 6; face++)
            {
                Assert.AreEqual(sky.Textures[face], sky.Material.GetTexture(sides[face]));
                Assert.AreEqual("Sky Cu 42 " + axes[face], sky.Textures[face].name);
            }
        }

        // ------------------------------------------------------------------------------ material

        [TestCase(SkyboxLayout.Panoramic, "Skybox/Panoramic")]
        [TestCase(SkyboxLayout.SixSided, "Skybox/6 Sided")]
        [TestCase(SkyboxLayout.Cubemap, "Skybox/Cubemap")]
        public void TheMaterialIsAsTheRecipeSays(SkyboxLayout layout, string shader)
        {
            SkyRecipe recipe = TestSky.Recipe(layout);
            recipe.Tint = new Color(0.25f, 0.5f, 0.75f, 0.5f);
            recipe.Exposure = 1.5f;
            recipe.Rotation = 30f;
            Material material = Create(recipe).Material;
            Assert.AreEqual(shader, material.shader.name);
            Assert.AreEqual(recipe.Tint, material.GetColor("_Tint"));
            Assert.AreEqual(1.5f, material.GetFloat("_Exposure"));
            Assert.AreEqual(30f, material.GetFloat("_Rotation"));
            Assert.IsFalse(material.IsKeywordEnabled("_MAPPING_6_FRAMES_LAYOUT"));
        }

        [TestCase(0f, 0f)]
        [TestCase(400f, 40f)]
        [TestCase(-90f, 270f)]
        public void RotationsStayInsideTheSlider(float given, float shown)
        {
            SkyRecipe recipe = TestSky.Recipe(SkyboxLayout.Cubemap);
            recipe.Rotation = given;
            Assert.AreEqual(shown, Create(recipe).Material.GetFloat("_Rotation"), 1e-3f);
        }

        // ------------------------------------------------------------------------ what is refused

        [Test]
        public void TooFewOrTooManyFilesAreRefused()
        {
            foreach (int count in new[] { 0, 1, 5, 7 })
            {
                RefusesAll(SkyboxLayout.SixSided, TestSky.Pictures(count, 32, 32));
            }
        }

        [TestCase(32, 32)]
        [TestCase(64, 32)]
        [TestCase(32, 15)]
        public void APictureOfAnotherSizeIsRefused(int width, int height)
        {
            RefusesAll(SkyboxLayout.Panoramic, TestSky.Pictures(1, width, height));
        }

        [TestCase("")]
        [TestCase("<html>this is no sky</html>, and long enough to hold a header</html>")]
        public void WhatIsNoPictureIsRefused(string text)
        {
            RefusesAll(SkyboxLayout.Panoramic, System.Text.Encoding.ASCII.GetBytes(text));
        }

        private static void RefusesAll(SkyboxLayout layout, params byte[][] files)
        {
            Assert.Throws<InvalidDataException>(
                () => SkyAssets.Create(TestSky.Result(files), TestSky.Recipe(layout), TestSky.Folder));
            Assert.IsFalse(AssetDatabase.IsValidFolder(TestSky.Folder));
        }

        // ------------------------------------------------------------------------------ deletion

        [TestCase(SkyboxLayout.Panoramic)]
        [TestCase(SkyboxLayout.SixSided)]
        [TestCase(SkyboxLayout.Cubemap)]
        public void ADeletedSkyLeavesNothing(SkyboxLayout layout)
        {
            GeneratedSky sky = Create(TestSky.Recipe(layout));
            SkyAssets.Delete(sky);
            Assert.AreEqual(new string[0], Directory.GetFileSystemEntries(TestSky.Folder).ToArray());
        }

        [Test]
        public void WhatTheUserPutBesideASkyStays()
        {
            GeneratedSky sky = Create(TestSky.Recipe(SkyboxLayout.SixSided));
            string mine = TestSky.Folder + "/Sky Cu 42/mine.mat";
            AssetDatabase.CreateAsset(new Material(sky.Material), mine);
            SkyAssets.Delete(sky);
            Assert.IsTrue(File.Exists(mine));
            Assert.AreEqual(2, Directory.GetFileSystemEntries(TestSky.Folder + "/Sky Cu 42").Length);
        }
    }
}
