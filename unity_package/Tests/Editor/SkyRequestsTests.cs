using System;
using System.Linq;
using NUnit.Framework;
using SkyServer.V1;
using UnityEngine;

namespace SkyServer.Editor.Tests
{
    public sealed class SkyRequestsTests
    {
        [TestCase(SkyboxLayout.Panoramic, Layout.Panorama)]
        [TestCase(SkyboxLayout.SixSided, Layout.Faces)]
        [TestCase(SkyboxLayout.Cubemap, Layout.HorizontalCross)]
        public void ALayoutIsAskedForInUnitysAxes(SkyboxLayout layout, Layout asked)
        {
            GenerateRequest request = SkyRequests.From(TestSky.Recipe(layout));
            Output output = request.Outputs.Single();
            Assert.AreEqual(asked, output.Layout);
            Assert.AreEqual(32, output.Size);
            Assert.AreEqual(Format.Png, output.Format);
            Assert.AreEqual(Orientation.Unity, output.Orientation);
        }

        [Test]
        public void TheRequestIsTheRecipe()
        {
            GenerateRequest request = SkyRequests.From(new SkyRecipe
            {
                Cloud = "Cu",
                MixWith = "Ci",
                MixShare = 0.25,
                Seed = "18446744073709551615",
                Psi = 0,
                Pictures = 3,
                Below = "#336699",
                ModelName = "clouds",
            });
            Assert.AreEqual("Cu", request.Cloud);
            Assert.AreEqual("Ci", request.MixWith);
            Assert.AreEqual(0.25, request.MixShare);
            Assert.AreEqual(ulong.MaxValue, request.Seed);
            Assert.AreEqual(0.0, request.Psi);
            Assert.AreEqual(3, request.Pictures);
            Assert.AreEqual("#336699", request.Below);
            Assert.AreEqual("clouds", request.Model);
        }

        [Test]
        public void WithoutASecondTypeNoShareIsSent()
        {
            Assert.IsNull(SkyRequests.From(TestSky.Recipe(SkyboxLayout.Cubemap)).MixShare);
        }

        [TestCase("")]
        [TestCase("-1")]
        [TestCase("1.5")]
        [TestCase("18446744073709551616")]
        public void ASeedThatIsNoNumberIsRefused(string seed)
        {
            Assert.Throws<FormatException>(() => SkyRequests.From(new SkyRecipe { Cloud = "Cu", Seed = seed }));
        }

        [Test]
        public void AnAnswerCompletesTheRecipe()
        {
            SkyRecipe recipe = TestSky.Recipe(SkyboxLayout.Panoramic);
            SkyRecipe complete = SkyRequests.Complete(recipe, new Facts
            {
                Request = new GenerateRequest { Cloud = "Cu", Model = "0123abcd" },
                Sun = new Sun { X = 0, Y = 1, Z = 0, Confidence = 0.75f, Red = 1, Green = 0.5f, Blue = 0.25f },
            });
            Assert.AreEqual("0123abcd", SkyRequests.From(complete).Model);
            Assert.AreEqual(Vector3.up, complete.SunDirection);
            Assert.AreEqual(0.75f, complete.SunConfidence);
            Assert.AreEqual(new Color(1f, 0.5f, 0.25f, 1f), complete.SunColour);
            Assert.AreEqual("", recipe.ModelDigest);
        }
    }
}
