using System;
using NUnit.Framework;
using UnityEngine;

namespace SkyServer.Editor.Tests
{
    [TestFixture]
    public class PanoramaViewTests
    {
        private const int Width = 64, Height = 32, Size = 9;

        /// <summary>Where a camera looks is told by the colour: red goes round, green goes up.</summary>
        private static PanoramaView NewView()
        {
            var pixels = new Color32[Width * Height];
            for (int i = 0; i < pixels.Length; i++)
            {
                pixels[i] = new Color32((byte)(i % Width * 4), (byte)(i / Width * 8), 100, 255);
            }
            return new PanoramaView(pixels, Width, Height) { FieldOfView = 20 };
        }

        private static Color32 Middle(PanoramaView view)
        {
            var pixels = new Color32[Size * Size];
            for (int row = 0; row < Size; row++)
            {
                view.DrawRow(pixels, Size, Size, row);
            }
            return pixels[Size * Size / 2];
        }

        [TestCase(0f, 0.25f)] // +Z
        [TestCase(90f, 0.5f)] // +X
        [TestCase(-90f, 0f)] // -X, where the panorama closes
        [TestCase(180f, 0.75f)] // -Z
        public void YawTurnsToTheRight(float yaw, float u)
        {
            PanoramaView view = NewView();
            view.Yaw = yaw;
            float red = Middle(view).r;
            bool atSeam = u == 0f; // half of each side
            Assert.AreEqual(atSeam ? 126 : u * 256 - 2, red, 3);
        }

        [TestCase(0f, 0.5f)]
        [TestCase(45f, 0.75f)]
        [TestCase(90f, 1f)]
        [TestCase(-90f, 0f)]
        public void PitchTurnsUp(float pitch, float v)
        {
            PanoramaView view = NewView();
            view.Pitch = pitch;
            Assert.AreEqual(Mathf.Clamp(v * 256 - 4, 0, 248), Middle(view).g, 3);
        }

        [Test]
        public void TheMaterialTurnsTheSkyToTheLeft()
        {
            PanoramaView turned = NewView(), looking = NewView();
            turned.Rotation = 50;
            looking.Yaw = 50;
            Assert.AreEqual(Middle(looking), Middle(turned));
        }

        [TestCase(false)]
        [TestCase(true)]
        public void HalfGreyAndOneLeaveTheSkyAsItIs(bool linear)
        {
            PanoramaView view = NewView();
            Color32 before = Middle(view);
            view.SetMaterial(new Color(0.5f, 0.5f, 0.5f), 1, linear);
            Assert.AreEqual(before.b, Middle(view).b, 1);
        }

        [TestCase(false, 200)]
        [TestCase(true, 138)] // light doubles: 100 / 255 is 0.127 in linear light, 0.254 is 138 / 255
        public void ExposureMultipliesLight(bool linear, int expected)
        {
            PanoramaView view = NewView();
            view.SetMaterial(new Color(0.5f, 0.5f, 0.5f), 2, linear);
            Assert.AreEqual(expected, Middle(view).b, 1);
        }

        [Test]
        public void PixelsThatAreNoPictureAreRefused()
        {
            Assert.Throws<ArgumentException>(() => new PanoramaView(new Color32[7], 4, 2));
        }
    }
}
