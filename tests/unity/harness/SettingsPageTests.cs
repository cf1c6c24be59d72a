using System.IO;
using NUnit.Framework;
using UnityEditor;
using UnityEngine;
using UnityEngine.UIElements;

namespace SkyServer.Editor.Tests
{
    // Not among the package's own tests: they would change the settings of whoever runs them.
    public sealed class SettingsPageTests
    {
        private const string Stored = "ProjectSettings/SkyServerSettings.asset";

        private VisualElement _root;
        private SettingsProvider _provider;

        [SetUp]
        public void Open()
        {
            SkyServerSettings.Address = new System.Uri(SkyServerSettings.DefaultAddress);
            SkyServerSettings.Token = "";
            _root = EditorWindow.GetWindow<EditorWindow>("Project Settings").rootVisualElement;
            _root.Clear();
            _provider = SkyServerSettingsPage.CreateProvider();
            _provider.activateHandler("", _root);
        }

        [TearDown]
        public void Close()
        {
            _provider.deactivateHandler();
        }

        [Test]
        public void ItIsAPageOfTheProject()
        {
            Assert.AreEqual("Project/SkyServer", _provider.settingsPath);
            Assert.AreEqual(SettingsScope.Project, _provider.scope);
        }

        [Test]
        public void WhatIsRightIsStored()
        {
            Field("Address").value = " http://localhost:9000 ";
            Field("Folder for skies").value = "Assets/Weather";
            _root.Q<DropdownField>("Panorama width").value = "8192";
            _root.Q<DropdownField>("Cube face size").value = "2048";
            Assert.AreEqual("http://localhost:9000/", SkyServerSettings.Address.ToString());
            Assert.AreEqual("Assets/Weather", SkyServerSettings.DefaultFolder);
            Assert.AreEqual(8192, SkyServerSettings.DefaultPanoramaWidth);
            Assert.AreEqual(2048, SkyServerSettings.DefaultFaceSize);
            string file = File.ReadAllText(Stored);
            StringAssert.Contains("http://localhost:9000", file);
            StringAssert.Contains("Assets/Weather", file);
            Assert.IsFalse(IsShown("Address problem"));
        }

        [TestCase("Address", "localhost")]
        [TestCase("Token", "two words")]
        [TestCase("Python", "/no/such/python")]
        [TestCase("Folder for skies", "Elsewhere")]
        public void WhatIsWrongIsToldAndNotStored(string field, string value)
        {
            string address = SkyServerSettings.Address.ToString();
            Field(field).value = value;
            Assert.IsTrue(IsShown(field + " problem"));
            StringAssert.EndsWith(".", _root.Q<HelpBox>(field + " problem").text);
            Assert.AreEqual(address, SkyServerSettings.Address.ToString());
            Assert.AreNotEqual(value, SkyServerSettings.Token);
            Assert.AreNotEqual(value, SkyServerSettings.PythonPath);
            Assert.AreNotEqual(value, SkyServerSettings.DefaultFolder);
        }

        [Test]
        public void ATokenStaysWithItsAddressAndOutOfTheProject()
        {
            Field("Token").value = "s3cret";
            Assert.IsTrue(Field("Token").isPasswordField);
            Field("Address").value = "https://elsewhere.example.com";
            Assert.AreEqual("", SkyServerSettings.Token);
            Assert.AreEqual("", Field("Token").value);
            StringAssert.DoesNotContain("s3cret", File.ReadAllText(Stored));
            Field("Address").value = SkyServerSettings.DefaultAddress;
            Assert.AreEqual("s3cret", SkyServerSettings.Token);
            Assert.AreEqual("s3cret", Field("Token").value);
        }

        [Test]
        public void TheConnectionCanBeTested()
        {
            Field("Address").value = "http://127.0.0.1:1";
            _root.Q<Button>("test").Click();
            StringAssert.StartsWith("Asking", Answer.text);
            EditorLoop.RunUntil(() => !Answer.text.StartsWith("Asking"), 20);
            Assert.AreEqual(HelpBoxMessageType.Error, Answer.messageType);
            StringAssert.StartsWith("No SkyServer answers at http://127.0.0.1:1", Answer.text);
        }

        [Test]
        public void ATokenThatCannotBeSentIsTold()
        {
            Field("Address").value = "http://192.0.2.1:8080";
            Field("Token").value = "s3cret";
            _root.Q<Button>("test").Click();
            Assert.AreEqual(HelpBoxMessageType.Error, Answer.messageType);
            StringAssert.Contains("unencrypted", Answer.text);
        }

        private HelpBox Answer
        {
            get { return _root.Q<HelpBox>("answer"); }
        }

        private TextField Field(string name)
        {
            return _root.Q<TextField>(name);
        }

        private bool IsShown(string name)
        {
            return !_root.Q<HelpBox>(name).ClassListContains("skyserver-settings-hidden");
        }
    }
}
