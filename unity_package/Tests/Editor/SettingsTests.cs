using System;
using System.IO;
using NUnit.Framework;

namespace SkyServer.Editor.Tests
{
    public sealed class SettingsTests
    {
        [TestCase("http://127.0.0.1:8080")]
        [TestCase("http://localhost:8080/")]
        [TestCase("https://sky.example.com")]
        [TestCase("http://[::1]:8080")]
        public void Addresses(string address)
        {
            Assert.IsNull(SettingsCheck.Address(address));
        }

        [TestCase("")]
        [TestCase("127.0.0.1:8080")]
        [TestCase("localhost:8080")]
        [TestCase("ftp://example.com")]
        [TestCase("file:///etc/passwd")]
        [TestCase("http://")]
        [TestCase("http://127.0.0.1:99999")]
        [TestCase("http://user:word@example.com")]
        [TestCase("http://example.com/sky")]
        [TestCase("http://example.com/?a=b")]
        [TestCase("http://example.com/#a")]
        public void WhatIsNoAddress(string address)
        {
            IsOneLine(SettingsCheck.Address(address));
        }

        [TestCase("", true)]
        [TestCase("Zx9-._~+/=", true)]
        [TestCase("two words", false)]
        [TestCase("line\r\nX-Evil: 1", false)]
        [TestCase("ä", false)]
        public void Tokens(string token, bool allowed)
        {
            string problem = SettingsCheck.Token(token);
            Assert.AreEqual(allowed, problem == null);
            if (!allowed)
            {
                StringAssert.DoesNotContain(token, problem);
            }
        }

        [TestCase("Assets", true)]
        [TestCase("Assets/Skies", true)]
        [TestCase("Assets/My Skies/Große", true)]
        [TestCase("", false)]
        [TestCase("Skies", false)]
        [TestCase("assets/Skies", false)]
        [TestCase("Assets/", false)]
        [TestCase("Assets//Skies", false)]
        [TestCase("Assets/../Skies", false)]
        [TestCase("Assets/./Skies", false)]
        [TestCase("Assets/Skies.", false)]
        [TestCase("Assets\\Skies", false)]
        [TestCase("Assets/a:b", false)]
        [TestCase("Assets/a\nb", false)]
        [TestCase("Packages/Skies", false)]
        [TestCase("/Assets/Skies", false)]
        public void Folders(string folder, bool allowed)
        {
            Assert.AreEqual(allowed, SettingsCheck.Folder(folder) == null);
        }

        [Test]
        public void PythonIsANameOrAFile()
        {
            string file = Path.GetTempFileName();
            try
            {
                Assert.IsNull(SettingsCheck.PythonPath(""));
                Assert.IsNull(SettingsCheck.PythonPath("python3"));
                Assert.IsNull(SettingsCheck.PythonPath(file));
                StringAssert.Contains("folder", SettingsCheck.PythonPath(Path.GetDirectoryName(file)));
            }
            finally
            {
                File.Delete(file);
            }
            StringAssert.Contains("no such file", SettingsCheck.PythonPath(file));
        }

        [Test]
        public void WhatIsWrongIsNotStored()
        {
            Uri address = SkyServerSettings.Address;
            Assert.Throws<ArgumentException>(() => SkyServerSettings.Address = new Uri("http://example.com/sky"));
            Assert.Throws<ArgumentException>(() => SkyServerSettings.DefaultFolder = "Elsewhere");
            Assert.Throws<ArgumentException>(() => SkyServerSettings.Token = "two words");
            Assert.AreEqual(address, SkyServerSettings.Address);
        }

        private static void IsOneLine(string problem)
        {
            StringAssert.EndsWith(".", problem);
            StringAssert.DoesNotContain("\n", problem);
        }
    }
}
