// What only the stubs can count: run under mono, not in Unity.
using System;
using System.Collections.Generic;
using NUnit.Framework;
using UnityEngine;

namespace SkyServer.Editor.Tests
{
    [TestFixture]
    public class SkyboxCrossFadeCost
    {
        private const int Frames = 100000;

        private SkyboxCrossFade _fade;

        [SetUp]
        public void SetUp()
        {
            RenderSettings.skybox = new Material(Shader.Find("Skybox/Panoramic"));
            _fade = new GameObject("Weather").AddComponent<SkyboxCrossFade>();
            _fade.runInEditMode = true;
            _fade.FadeTo(new Material(Shader.Find("Skybox/Cubemap")), 2000);
            DynamicGI.Updates.Clear();
        }

        [TearDown]
        public void TearDown()
        {
            _fade.enabled = false;
        }

        [Test]
        public void UpdatesAmbientLightFiveTimesASecondAndAtTheEnd()
        {
            Material mix = RenderSettings.skybox;
            for (int frame = 0; frame < 60 * 10; frame++)
                _fade.Advance(1 / 60f);
            Assert.AreEqual(50, DynamicGI.Updates.Count, 5);
            CollectionAssert.AreEqual(new[] { mix }, new HashSet<Material>(DynamicGI.Updates));
            DynamicGI.Updates.Clear();
            _fade.Advance(2000);
            CollectionAssert.AreEqual(new[] { RenderSettings.skybox }, DynamicGI.Updates);
        }

        [Test]
        public void DoesNotAllocateWhileFading()
        {
            _fade.Advance(0);
            GC.Collect();
            int collections = GC.CollectionCount(0);
            for (int frame = 0; frame < Frames; frame++)
                _fade.Advance(1e-6f);
            Assert.AreEqual(collections, GC.CollectionCount(0), "collections");
            Assert.IsTrue(_fade.IsFading);
        }
    }
}
