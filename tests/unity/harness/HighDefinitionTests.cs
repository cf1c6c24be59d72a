using System;
using System.IO;
using System.Linq;
using NUnit.Framework;
using SkyServer.Editor.HighDefinition;
using SkyServer.Editor.Tests;
using UnityEditor;
using UnityEngine;
using UnityEngine.Rendering;
using UnityEngine.Rendering.HighDefinition;
using UnityEngine.SceneManagement;

namespace SkyServer.Editor.HighDefinitionTests
{
    // Not among the package's own tests: they would need HDRP, which most projects do not have.
    public sealed class HighDefinitionTests
    {
        [SetUp]
        public void UseHighDefinition()
        {
            SceneSky.Pipeline = new HighDefinitionSky();
            GraphicsSettings.currentRenderPipeline = ScriptableObject.CreateInstance<HDRenderPipelineAsset>();
            Undo.ClearAll();
        }

        [TearDown]
        public void CleanUp()
        {
            GraphicsSettings.currentRenderPipeline = null;
            SceneSky.Pipeline = null;
            foreach (GameObject root in SceneManager.GetActiveScene().GetRootGameObjects())
                UnityEngine.Object.DestroyImmediate(root);
            AssetDatabase.DeleteAsset(TestSky.Folder);
        }

        private static GeneratedSky Create(SkyboxLayout layout, string seed = "42")
        {
            SkyRecipe recipe = TestSky.Recipe(layout);
            recipe.Seed = seed;
            recipe.Rotation = 30f;
            recipe.Exposure = 2f;
            return SkyAssets.Create(TestSky.Result(recipe), recipe, TestSky.Folder);
        }

        private static Volume[] Volumes()
        {
            return SceneManager.GetActiveScene().GetRootGameObjects()
                .Select(root => root.GetComponent<Volume>()).ToArray();
        }

        [Test]
        public void ACubemapGetsAProfileWithTheSky()
        {
            GeneratedSky sky = Create(SkyboxLayout.Cubemap);
            var profile = (VolumeProfile)sky.VolumeProfile;
            HDRISky hdri;
            VisualEnvironment environment;
            Assert.IsTrue(profile.TryGet(out hdri));
            Assert.IsTrue(profile.TryGet(out environment));
            Assert.AreEqual(sky.Textures[0], hdri.hdriSky.value);
            Assert.AreEqual(30f, hdri.rotation.value);
            Assert.AreEqual(1f, hdri.exposure.value);
            Assert.AreEqual((int)SkyType.HDRI, environment.skyType.value);
            Assert.IsTrue(hdri.hdriSky.overrideState && hdri.rotation.overrideState && hdri.exposure.overrideState);
            string path = AssetDatabase.GetAssetPath(profile);
            Assert.AreEqual(TestSky.Folder + "/Sky Cu 42/Sky Cu 42 Volume Profile.asset", path);
            Assert.AreEqual(3, AssetDatabase.LoadAllAssetsAtPath(path).Length);
            Assert.IsEmpty(EditorUtility.Dirty.ToArray());
        }

        [Test]
        public void ApplyingIsOneStepAndOneVolumeServesAllSkies()
        {
            Material skybox = RenderSettings.skybox;
            GeneratedSky first = Create(SkyboxLayout.Cubemap), second = Create(SkyboxLayout.Cubemap, "43");
            SceneSky.Apply(first);
            Assert.AreEqual(new[] { "Apply Skybox" }, Undo.Steps);
            SceneSky.Apply(second);
            Assert.AreEqual(second.VolumeProfile, Volumes().Single().sharedProfile);
            Assert.IsTrue(Volumes().Single().isGlobal);
            Undo.PerformUndo();
            Assert.AreEqual(first.VolumeProfile, Volumes().Single().sharedProfile);
            Undo.PerformUndo();
            Assert.IsEmpty(Volumes());
            Assert.AreEqual(skybox, RenderSettings.skybox);
        }

        [TestCase(SkyboxLayout.Panoramic)]
        [TestCase(SkyboxLayout.SixSided)]
        public void OtherLayoutsAreMadeButNotApplied(SkyboxLayout layout)
        {
            GeneratedSky sky = Create(layout);
            Assert.IsNull(sky.VolumeProfile);
            var error = Assert.Throws<InvalidOperationException>(() => SceneSky.Apply(sky));
            StringAssert.Contains("Cubemap", error.Message);
            Assert.IsEmpty(Volumes());
            Assert.IsEmpty(Undo.Steps);
        }

        [Test]
        public void ASkyFromBeforeHighDefinitionGetsItsProfileWhenApplied()
        {
            RenderPipelineAsset pipeline = GraphicsSettings.currentRenderPipeline;
            GraphicsSettings.currentRenderPipeline = null;
            GeneratedSky sky = Create(SkyboxLayout.Cubemap);
            Assert.IsNull(sky.VolumeProfile);
            GraphicsSettings.currentRenderPipeline = pipeline;
            SceneSky.Apply(sky);
            Assert.AreEqual(sky.VolumeProfile, Volumes().Single().sharedProfile);
        }

        [Test]
        public void TheProfileIsDeletedWithItsSky()
        {
            GeneratedSky sky = Create(SkyboxLayout.Cubemap);
            SkyAssets.Delete(sky);
            Assert.IsEmpty(Directory.GetFileSystemEntries(TestSky.Folder));
        }

        [Test]
        public void AFailureInTheProfileLeavesNothing()
        {
            AssetDatabase.Calls = call =>
            {
                if (call == "AddObjectToAsset")
                    throw new IOException("the disk is full");
            };
            Assert.Throws<IOException>(() => Create(SkyboxLayout.Cubemap));
            AssetDatabase.Calls = call => { };
            Assert.IsFalse(AssetDatabase.IsValidFolder(TestSky.Folder));
        }
    }
}
