// What only the stubs can count: run under mono, not in Unity.
using System;
using NUnit.Framework;
using UnityEngine;

namespace SkyServer.Editor.Tests
{
    [TestFixture]
    public class SkyboxCrossFadeCost
    {
        private const int Frames = 100000;

        private SkyboxCrossFade fade;

        [SetUp]
        public void SetUp()
        {
            RenderSettings.skybox = new Material(Shader.Find("Skybox/Panoramic"));
            fade = new GameObject("Weather").AddComponent<SkyboxCrossFade>();
            fade.runInEditMode = true;
            fade.FadeTo(new Material(Shader.Find("Skybox/Cubemap")), 2000);
            DynamicGI.Updates.Clear();
        }

        [TearDown]
        public void TearDown()
        {
            fade.enabled = false;
        }

        [Test]
        public void UpdatesAmbientLightFiveTimesASecondAndAtTheEnd()
        {
            Material mix = RenderSettings.skybox;
            for (int frame = 0; frame < 60 * 10; frame++)
                fade.Advance(1 / 60f);
            Assert.AreEqual(50, DynamicGI.Updates.Count, 5);
            CollectionAssert.AreEqual(new[] { mix }, new System.Collections.Generic.HashSet<Material>(DynamicGI.Updates));
            DynamicGI.Updates.Clear();
            fade.Advance(2000);
            CollectionAssert.AreEqual(new[] { RenderSettings.skybox }, DynamicGI.Updates);
        }

        [Test]
        public void DoesNotAllocateWhileFading()
        {
            fade.Advance(0);
            GC.Collect();
            int collections = GC.CollectionCount(0);
            for (int frame = 0; frame < Frames; frame++)
                fade.Advance(1e-6f);
            Assert.AreEqual(collections, GC.CollectionCount(0), "collections");
            Assert.IsTrue(fade.IsFading);
        }
    }
}
