using System;
using NUnit.Framework;
using UnityEditor;
using UnityEngine;

namespace SkyServer.Editor.Tests
{
    public sealed class SceneTests
    {
        private Material _skybox;
        private Light _sun;
        private GeneratedSky _sky;

        [SetUp]
        public void RememberTheScene()
        {
            _skybox = RenderSettings.skybox;
            _sun = RenderSettings.sun;
            SkyRecipe recipe = TestSky.Recipe(SkyboxLayout.Cubemap);
            recipe.Rotation = 90f;
            _sky = SkyAssets.Create(TestSky.Result(recipe), recipe, TestSky.Folder);
            _sky.Recipe.SunDirection = Vector3.forward;
            _sky.Recipe.SunConfidence = 1f;
            _sky.Recipe.SunColour = new Color(1f, 0.5f, 0.25f, 1f);
        }

        [TearDown]
        public void RestoreTheScene()
        {
            RenderSettings.skybox = _skybox;
            RenderSettings.sun = _sun;
            AssetDatabase.DeleteAsset(TestSky.Folder);
        }

        private static Light AddLight()
        {
            Light light = new GameObject("Sun of a test").AddComponent<Light>();
            light.type = LightType.Directional;
            return light;
        }

        private static void AreNear(Vector3 expected, Vector3 actual)
        {
            Assert.Less(Vector3.Angle(expected, actual), 0.1f, $"{actual} instead of {expected}");
        }

        [Test]
        public void ASkyIsAppliedInOneStep()
        {
            var before = new Material(_sky.Material);
            RenderSettings.skybox = before;
            SceneSky.Apply(_sky);
            Assert.AreEqual(_sky.Material, RenderSettings.skybox);
            Undo.PerformUndo();
            Assert.AreEqual(before, RenderSettings.skybox);
        }

        [Test]
        public void SkyAndSunCanBeOneStep()
        {
            var before = new Material(_sky.Material);
            RenderSettings.skybox = before;
            RenderSettings.sun = AddLight();
            Vector3 forward = RenderSettings.sun.transform.forward;
            using (new UndoStep("Both"))
            {
                SceneSky.Apply(_sky);
                SunAlignment.Align(_sky, true);
            }
            Assert.AreEqual(_sky.Material, RenderSettings.skybox);
            AreNear(Vector3.right, RenderSettings.sun.transform.forward);
            Undo.PerformUndo();
            Assert.AreEqual(before, RenderSettings.skybox);
            AreNear(forward, RenderSettings.sun.transform.forward);
            UnityEngine.Object.DestroyImmediate(RenderSettings.sun.gameObject);
        }

        [Test]
        public void ASkyWithoutItsMaterialIsRefused()
        {
            _sky.Material = null;
            Assert.Throws<InvalidOperationException>(() => SceneSky.Apply(_sky));
        }

        // Towards the sun, the sky's rotation, and where the light then shines to.
        [TestCase(0f, 0f, 1f, 0f, 0f, 0f, -1f)]
        [TestCase(0f, 0f, 1f, 90f, 1f, 0f, 0f)] // the sky turns left: its front comes to the left
        [TestCase(1f, 0f, 0f, 90f, 0f, 0f, -1f)]
        [TestCase(0f, 0f, 1f, 180f, 0f, 0f, 1f)]
        [TestCase(0f, 1f, 0f, 35f, 0f, -1f, 0f)]
        [TestCase(0f, 0.6f, 0.8f, 0f, 0f, -0.6f, -0.8f)]
        public void TheLightShinesFromTheSun(
            float x, float y, float z, float rotation, float toX, float toY, float toZ)
        {
            Quaternion turned = SunAlignment.Rotation(new Vector3(x, y, z), rotation);
            AreNear(new Vector3(toX, toY, toZ), turned * Vector3.forward);
        }

        [Test]
        public void TheLightFollowsTheMaterialThatTheUserTurned()
        {
            RenderSettings.sun = AddLight();
            _sky.Material.SetFloat("_Rotation", 180f);
            SunAlignment.Align(_sky, false);
            AreNear(Vector3.forward, RenderSettings.sun.transform.forward);
            UnityEngine.Object.DestroyImmediate(RenderSettings.sun.gameObject);
        }

        [TestCase(true)]
        [TestCase(false)]
        public void TheLightTakesTheColourOnDemand(bool withColour)
        {
            RenderSettings.sun = AddLight();
            RenderSettings.sun.color = Color.white;
            SunAlignment.Align(_sky, withColour);
            Color expected = withColour ? _sky.Recipe.SunColour.gamma : Color.white;
            Assert.AreEqual(expected.g, RenderSettings.sun.color.g, 1e-3f);
            UnityEngine.Object.DestroyImmediate(RenderSettings.sun.gameObject);
        }

        [Test]
        public void ASkyWithoutASunTurnsNothing()
        {
            _sky.Recipe.SunConfidence = SunAlignment.LeastConfidence - 0.01f;
            RenderSettings.sun = AddLight();
            Vector3 forward = RenderSettings.sun.transform.forward;
            Assert.Throws<InvalidOperationException>(() => SunAlignment.Align(_sky, true));
            AreNear(forward, RenderSettings.sun.transform.forward);
            UnityEngine.Object.DestroyImmediate(RenderSettings.sun.gameObject);
        }

        [Test]
        public void WithoutAnAppointedSunTheBrightestDirectionalLightIsIt()
        {
            RenderSettings.sun = null;
            Light dim = AddLight(), bright = AddLight(), spot = AddLight();
            dim.intensity = 1000f;
            bright.intensity = 1001f;
            spot.intensity = 1002f;
            spot.type = LightType.Spot;
            Assert.AreEqual(bright, SunAlignment.FindSun());
            bright.enabled = false;
            Assert.AreEqual(dim, SunAlignment.FindSun());
            foreach (Light light in new[] { dim, bright, spot })
            {
                UnityEngine.Object.DestroyImmediate(light.gameObject);
            }
        }
    }
}
