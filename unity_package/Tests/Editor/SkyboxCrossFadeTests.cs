using System;
using NUnit.Framework;
using UnityEngine;
using Object = UnityEngine.Object;

namespace SkyServer.Editor.Tests
{
    [TestFixture]
    public class SkyboxCrossFadeTests
    {
        private Material _before;
        private Material _fair;
        private Material _storm;
        private Material _rain;
        private Texture2D _panorama;
        private GameObject _weather;
        private SkyboxCrossFade _fade;

        [SetUp]
        public void SetUp()
        {
            _before = RenderSettings.skybox;
            _panorama = new Texture2D(4, 2, TextureFormat.RGBA32, false);
            _fair = new Material(Shader.Find("Skybox/Panoramic"));
            _fair.SetTexture("_MainTex", _panorama);
            _fair.SetFloat("_Rotation", 90);
            _fair.SetFloat("_Exposure", 1.25f);
            _storm = new Material(Shader.Find("Skybox/6 Sided"));
            _rain = new Material(Shader.Find("Skybox/Cubemap"));
            RenderSettings.skybox = _fair;
            _weather = new GameObject("Weather");
            _fade = _weather.AddComponent<SkyboxCrossFade>();
            _fade.Curve = AnimationCurve.Linear(0, 0, 1, 1);
            _fade.runInEditMode = true;
        }

        [TearDown]
        public void TearDown()
        {
            Object.DestroyImmediate(_weather);
            RenderSettings.skybox = _before;
            foreach (Object made in new Object[] { _fair, _storm, _rain, _panorama })
                Object.DestroyImmediate(made);
        }

        [Test]
        public void FadesByTheClockAndEndsWithTheSkyItself()
        {
            _fade.FadeTo(_storm, 4);
            Material mix = RenderSettings.skybox;
            Assert.IsTrue(_fade.IsFading);
            Assert.AreEqual("Skybox/SkyServer Cross-Fade", mix.shader.name);
            Assert.AreEqual(0f, mix.GetFloat("_Blend"));
            _fade.Advance(1);
            Assert.AreEqual(0.25f, mix.GetFloat("_Blend"), 1e-4f);
            _fade.Advance(2);
            Assert.AreEqual(0.75f, mix.GetFloat("_Blend"), 1e-4f);
            Assert.AreSame(mix, RenderSettings.skybox);
            _fade.Advance(1.5f);
            Assert.IsFalse(_fade.IsFading);
            Assert.AreSame(_storm, RenderSettings.skybox);
        }

        [Test]
        public void ShowsBothSkiesAsTheirMaterialsDo()
        {
            _fade.FadeTo(_storm, 4);
            Material mix = RenderSettings.skybox;
            Assert.IsTrue(mix.IsKeywordEnabled("_A_PANORAMIC"));
            Assert.IsTrue(mix.IsKeywordEnabled("_B_SIX_SIDED"));
            Assert.IsFalse(mix.IsKeywordEnabled("_A_SIX_SIDED"));
            Assert.AreSame(_panorama, mix.GetTexture("_PanoramaA"));
            Assert.AreEqual(90f, mix.GetFloat("_RotationA"));
            Assert.AreEqual(1.25f, mix.GetFloat("_ExposureA"));
        }

        [Test]
        public void FollowsASkyThatIsBeingTurned()
        {
            _fade.FadeTo(_storm, 4);
            _storm.SetFloat("_Rotation", 33);
            _fade.Advance(1);
            Assert.AreEqual(33f, RenderSettings.skybox.GetFloat("_RotationB"));
        }

        [Test]
        public void WaitsForTheEndOfAChangeAndTheLastRequestWins()
        {
            _fade.FadeTo(_storm, 4);
            Material mix = RenderSettings.skybox;
            _fade.FadeTo(_fair, 4);
            _fade.FadeTo(_rain, 2);
            _fade.Advance(1);
            Assert.AreEqual(0.25f, mix.GetFloat("_Blend"), 1e-4f);
            _fade.Advance(3);
            Assert.IsTrue(_fade.IsFading);
            Assert.AreSame(mix, RenderSettings.skybox);
            Assert.IsTrue(mix.IsKeywordEnabled("_A_SIX_SIDED"));
            Assert.IsTrue(mix.IsKeywordEnabled("_B_CUBEMAP"));
            Assert.IsFalse(mix.IsKeywordEnabled("_A_PANORAMIC"));
            _fade.Advance(2);
            Assert.AreSame(_rain, RenderSettings.skybox);
        }

        [Test]
        public void GivesBackTheSkyItFoundWhenDisabled()
        {
            _fade.FadeTo(_storm, 4);
            _fade.Advance(1);
            Material mix = RenderSettings.skybox;
            _fade.enabled = false;
            Assert.AreSame(_fair, RenderSettings.skybox);
            Assert.IsTrue(mix == null, "its own material is destroyed");
            Assert.IsTrue(_fair != null && _storm != null, "the materials of others are not");
            Assert.Throws<InvalidOperationException>(() => _fade.FadeTo(_storm, 1));

            _fade.enabled = true;
            _fade.FadeTo(_storm, 0);
            Assert.AreSame(_storm, RenderSettings.skybox);
            Object.DestroyImmediate(_weather);
            Assert.AreSame(_fair, RenderSettings.skybox);
        }

        [Test]
        public void LeavesASkyAloneThatSomebodyElseSets()
        {
            _fade.FadeTo(_storm, 4);
            RenderSettings.skybox = _rain;
            _fade.Advance(1);
            Assert.IsFalse(_fade.IsFading);
            Assert.AreSame(_rain, RenderSettings.skybox);
            _fade.enabled = false;
            Assert.AreSame(_rain, RenderSettings.skybox);
        }

        [Test]
        public void CutsFromASkyThatCannotBeMixed()
        {
            RenderSettings.skybox = null;
            _fade.FadeTo(_storm, 4);
            Assert.IsFalse(_fade.IsFading);
            Assert.AreSame(_storm, RenderSettings.skybox);
        }

        [Test]
        public void SurvivesTheEndOfTheSkyItComesFrom()
        {
            _fade.FadeTo(_storm, 4);
            Object.DestroyImmediate(_fair);
            _fade.Advance(1);
            _fade.Advance(4);
            Assert.AreSame(_storm, RenderSettings.skybox);
        }

        [Test]
        public void FadesToAGeneratedSky()
        {
            GeneratedSky sky = ScriptableObject.CreateInstance<GeneratedSky>();
            sky.Material = _rain;
            _fade.FadeTo(sky, 1);
            _fade.Advance(2);
            Object.DestroyImmediate(sky);
            Assert.AreSame(_rain, RenderSettings.skybox);
        }

        [Test]
        public void RefusesWhatItCannotShow()
        {
            _fair.SetFloat("_Mapping", 0);
            ArgumentException error = Assert.Throws<ArgumentException>(() => _fade.FadeTo(_fair, 1));
            StringAssert.Contains("Skybox/Panoramic", error.Message);
            Assert.Throws<ArgumentNullException>(() => _fade.FadeTo((Material)null, 1));
            Assert.Throws<ArgumentNullException>(() => _fade.FadeTo((GeneratedSky)null, 1));
            Assert.Throws<ArgumentOutOfRangeException>(() => _fade.FadeTo(_storm, -1));
            Assert.Throws<ArgumentOutOfRangeException>(() => _fade.FadeTo(_storm, float.NaN));
        }
    }
}
