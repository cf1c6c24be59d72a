using System;
using NUnit.Framework;
using UnityEngine;
using Object = UnityEngine.Object;

namespace SkyServer.Editor.Tests
{
    [TestFixture]
    public class SkyboxCrossFadeTests
    {
        private Material before;
        private Material fair;
        private Material storm;
        private Material rain;
        private Texture2D panorama;
        private GameObject weather;
        private SkyboxCrossFade fade;

        [SetUp]
        public void SetUp()
        {
            before = RenderSettings.skybox;
            panorama = new Texture2D(4, 2, TextureFormat.RGBA32, false);
            fair = new Material(Shader.Find("Skybox/Panoramic"));
            fair.SetTexture("_MainTex", panorama);
            fair.SetFloat("_Rotation", 90);
            fair.SetFloat("_Exposure", 1.25f);
            storm = new Material(Shader.Find("Skybox/6 Sided"));
            rain = new Material(Shader.Find("Skybox/Cubemap"));
            RenderSettings.skybox = fair;
            weather = new GameObject("Weather");
            fade = weather.AddComponent<SkyboxCrossFade>();
            fade.Curve = AnimationCurve.Linear(0, 0, 1, 1);
            fade.runInEditMode = true;
        }

        [TearDown]
        public void TearDown()
        {
            Object.DestroyImmediate(weather);
            RenderSettings.skybox = before;
            foreach (Object made in new Object[] { fair, storm, rain, panorama })
                Object.DestroyImmediate(made);
        }

        [Test]
        public void FadesByTheClockAndEndsWithTheSkyItself()
        {
            fade.FadeTo(storm, 4);
            Material mix = RenderSettings.skybox;
            Assert.IsTrue(fade.IsFading);
            Assert.AreEqual("Skybox/SkyServer Cross-Fade", mix.shader.name);
            Assert.AreEqual(0f, mix.GetFloat("_Blend"));
            fade.Advance(1);
            Assert.AreEqual(0.25f, mix.GetFloat("_Blend"), 1e-4f);
            fade.Advance(2);
            Assert.AreEqual(0.75f, mix.GetFloat("_Blend"), 1e-4f);
            Assert.AreSame(mix, RenderSettings.skybox);
            fade.Advance(1.5f);
            Assert.IsFalse(fade.IsFading);
            Assert.AreSame(storm, RenderSettings.skybox);
        }

        [Test]
        public void ShowsBothSkiesAsTheirMaterialsDo()
        {
            fade.FadeTo(storm, 4);
            Material mix = RenderSettings.skybox;
            Assert.IsTrue(mix.IsKeywordEnabled("_A_PANORAMIC"));
            Assert.IsTrue(mix.IsKeywordEnabled("_B_SIX_SIDED"));
            Assert.IsFalse(mix.IsKeywordEnabled("_A_SIX_SIDED"));
            Assert.AreSame(panorama, mix.GetTexture("_PanoramaA"));
            Assert.AreEqual(90f, mix.GetFloat("_RotationA"));
            Assert.AreEqual(1.25f, mix.GetFloat("_ExposureA"));
        }

        [Test]
        public void FollowsASkyThatIsBeingTurned()
        {
            fade.FadeTo(storm, 4);
            storm.SetFloat("_Rotation", 33);
            fade.Advance(1);
            Assert.AreEqual(33f, RenderSettings.skybox.GetFloat("_RotationB"));
        }

        [Test]
        public void WaitsForTheEndOfAChangeAndTheLastRequestWins()
        {
            fade.FadeTo(storm, 4);
            Material mix = RenderSettings.skybox;
            fade.FadeTo(fair, 4);
            fade.FadeTo(rain, 2);
            fade.Advance(1);
            Assert.AreEqual(0.25f, mix.GetFloat("_Blend"), 1e-4f);
            fade.Advance(3);
            Assert.IsTrue(fade.IsFading);
            Assert.AreSame(mix, RenderSettings.skybox);
            Assert.IsTrue(mix.IsKeywordEnabled("_A_SIX_SIDED"));
            Assert.IsTrue(mix.IsKeywordEnabled("_B_CUBEMAP"));
            Assert.IsFalse(mix.IsKeywordEnabled("_A_PANORAMIC"));
            fade.Advance(2);
            Assert.AreSame(rain, RenderSettings.skybox);
        }

        [Test]
        public void GivesBackTheSkyItFoundWhenDisabled()
        {
            fade.FadeTo(storm, 4);
            fade.Advance(1);
            Material mix = RenderSettings.skybox;
            fade.enabled = false;
            Assert.AreSame(fair, RenderSettings.skybox);
            Assert.IsTrue(mix == null, "its own material is destroyed");
            Assert.IsTrue(fair != null && storm != null, "the materials of others are not");
            Assert.Throws<InvalidOperationException>(() => fade.FadeTo(storm, 1));

            fade.enabled = true;
            fade.FadeTo(storm, 0);
            Assert.AreSame(storm, RenderSettings.skybox);
            Object.DestroyImmediate(weather);
            Assert.AreSame(fair, RenderSettings.skybox);
        }

        [Test]
        public void LeavesASkyAloneThatSomebodyElseSets()
        {
            fade.FadeTo(storm, 4);
            RenderSettings.skybox = rain;
            fade.Advance(1);
            Assert.IsFalse(fade.IsFading);
            Assert.AreSame(rain, RenderSettings.skybox);
            fade.enabled = false;
            Assert.AreSame(rain, RenderSettings.skybox);
        }

        [Test]
        public void CutsFromASkyThatCannotBeMixed()
        {
            RenderSettings.skybox = null;
            fade.FadeTo(storm, 4);
            Assert.IsFalse(fade.IsFading);
            Assert.AreSame(storm, RenderSettings.skybox);
        }

        [Test]
        public void SurvivesTheEndOfTheSkyItComesFrom()
        {
            fade.FadeTo(storm, 4);
            Object.DestroyImmediate(fair);
            fade.Advance(1);
            fade.Advance(4);
            Assert.AreSame(storm, RenderSettings.skybox);
        }

        [Test]
        public void FadesToAGeneratedSky()
        {
            GeneratedSky sky = ScriptableObject.CreateInstance<GeneratedSky>();
            sky.Material = rain;
            fade.FadeTo(sky, 1);
            fade.Advance(2);
            Object.DestroyImmediate(sky);
            Assert.AreSame(rain, RenderSettings.skybox);
        }

        [Test]
        public void RefusesWhatItCannotShow()
        {
            fair.SetFloat("_Mapping", 0);
            ArgumentException error = Assert.Throws<ArgumentException>(() => fade.FadeTo(fair, 1));
            StringAssert.Contains("Skybox/Panoramic", error.Message);
            Assert.Throws<ArgumentNullException>(() => fade.FadeTo((Material)null, 1));
            Assert.Throws<ArgumentNullException>(() => fade.FadeTo((GeneratedSky)null, 1));
            Assert.Throws<ArgumentOutOfRangeException>(() => fade.FadeTo(storm, -1));
            Assert.Throws<ArgumentOutOfRangeException>(() => fade.FadeTo(storm, float.NaN));
        }
    }
}
