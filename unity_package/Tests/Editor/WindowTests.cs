using System;
using System.Collections.Generic;
using System.IO;
using System.Threading;
using System.Threading.Tasks;
using NUnit.Framework;
using SkyServer.V1;
using UnityEngine;
using Object = UnityEngine.Object;

namespace SkyServer.Editor.Tests
{
    [TestFixture]
    public class WindowTests
    {
        private const double Patience = 20; // seconds

        private string _folder;
        private FakeServer _server;
        private SkyboxSession _session;

        [SetUp]
        public void SetUp()
        {
            _folder = Path.Combine(Path.GetTempPath(), "skyserver-" + Guid.NewGuid().ToString("N"));
            _server = new FakeServer();
            _session = new SkyboxSession(() => _server, _folder);
        }

        [TearDown]
        public void TearDown()
        {
            _session.Dispose();
            Until(DeleteFolder);
        }

        /// <summary>Thumbnails may just be written to it.</summary>
        private bool DeleteFolder()
        {
            try
            {
                Directory.Delete(_folder, true);
            }
            catch (IOException)
            {
            }
            return !Directory.Exists(_folder);
        }

        // ----------------------------------------------------------------------------- the session

        [Test]
        public void ASessionIsReadyWhenTheServerHasDescribedItself()
        {
            Assert.AreEqual(SkySessionState.Disconnected, _session.State);
            _session.Link.Connect();
            Assert.AreEqual(SkySessionState.Connecting, _session.State);
            Until(() => _session.State == SkySessionState.Ready);
            Assert.IsTrue(_session.CanGenerate);
            Assert.AreEqual("Cu", _session.Draft.Recipe.Cloud);
        }

        [TestCase(StatusCode.Unavailable, SkySessionState.Disconnected)]
        [TestCase(StatusCode.Unauthenticated, SkySessionState.Failed)]
        [TestCase(StatusCode.FailedPrecondition, SkySessionState.Failed)]
        public void OnlyAServerThatMayComeBackIsLookedFor(StatusCode code, SkySessionState expected)
        {
            _server.DescribeError = new SkyServerException(code, "", "told");
            _session.Link.Connect();
            Until(() => _session.State == expected);
            Assert.AreEqual("told", _session.Link.Message);
            Assert.IsFalse(_session.CanGenerate);
        }

        [TestCase("BUSY", "The server is busy")]
        [TestCase("OVER_LIMIT", "You are over your limit on the server")]
        public void WhileAServerKeepsItWaitingItSaysWhy(string reason, string why)
        {
            _server.DescribeError = new SkyServerException(
                StatusCode.ResourceExhausted, reason, "told", "", TimeSpan.FromMinutes(1));
            _session.Link.Connect();
            Until(() => _session.Link.Message == why + ": asking again in 60 s");
            Assert.AreEqual(SkySessionState.Connecting, _session.State);
        }

        [Test]
        public void AServerThatOffersNothingIsRefused()
        {
            _server.Description.Models.Clear();
            _session.Link.Connect();
            Until(() => _session.State == SkySessionState.Failed);
            Assert.IsNull(_session.Link.Model);
        }

        [Test]
        public void WhatWaitsForTheServerRunsOnce()
        {
            int runs = 0;
            _session.WhenReady(() => runs++);
            Assert.AreEqual(0, runs);
            Until(() => runs > 0);
            _session.Edit(draft => draft.Recipe.Psi = 0.5);
            _session.Link.Connect();
            Until(() => _session.State == SkySessionState.Ready);
            Assert.AreEqual(1, runs);
        }

        [Test]
        public void WhatWaitsForAServerThatIsNotThereIsDropped()
        {
            int runs = 0;
            _server.DescribeError = new SkyServerException(StatusCode.Unavailable, "", "gone");
            _session.WhenReady(() => runs++);
            Until(() => _session.State == SkySessionState.Disconnected);
            _server.DescribeError = null;
            _session.Link.Connect();
            Until(() => _session.State == SkySessionState.Ready);
            Assert.AreEqual(0, runs);
        }

        [Test]
        public void ABusyServerIsAskedAgain()
        {
            var busy = new SkyServerException(
                StatusCode.ResourceExhausted, "BUSY", "busy", "", TimeSpan.FromMilliseconds(1));
            var broken = new SkyServerException(StatusCode.Internal, "INTERNAL", "broken");
            Ready((asked, progress, token) => Fail(asked < 3 ? busy : broken));
            _session.Generate();
            Until(() => _session.State == SkySessionState.Failed);
            Assert.AreEqual(3, _server.Asked);
            Assert.AreEqual("broken", _session.Job.Message);
            Assert.IsTrue(_session.CanGenerate);
        }

        [Test]
        public void AServerThatStaysBusyIsGivenUp()
        {
            var busy = new SkyServerException(
                StatusCode.ResourceExhausted, "BUSY", "busy", "", TimeSpan.FromMilliseconds(1));
            Ready((asked, progress, token) => Fail(busy));
            _session.Generate();
            Until(() => _session.State == SkySessionState.Failed);
            Assert.AreEqual("busy", _session.Job.Message);
        }

        [Test]
        public void ProgressIsTold()
        {
            var end = new TaskCompletionSource<SkyResult>();
            Ready((asked, progress, token) =>
            {
                progress(new Progress { Stage = "model", Fraction = 0.25 });
                return end.Task;
            });
            _session.Generate();
            Until(() => _session.Job.Fraction > 0);
            Assert.AreEqual(0.25f, _session.Job.Fraction);
            Assert.AreEqual("Drawing the clouds", _session.Job.Stage);
            end.SetException(new SkyServerException(StatusCode.Unavailable, "", "gone"));
            Until(() => _session.State == SkySessionState.Disconnected);
            Assert.AreEqual("", _session.Job.Stage);
        }

        [Test]
        public void WhatComesAfterCancelIsDropped()
        {
            var end = new TaskCompletionSource<SkyResult>();
            CancellationToken given = default(CancellationToken);
            Ready((asked, progress, token) =>
            {
                given = token;
                return end.Task;
            });
            _session.Generate();
            Until(() => given.CanBeCanceled); // it has been asked
            _session.Job.Cancel();
            Assert.IsTrue(given.IsCancellationRequested);
            Assert.AreEqual(SkySessionState.Ready, _session.State);
            end.SetException(new SkyServerException(StatusCode.Internal, "", "late"));
            Pump(0.1);
            Assert.AreEqual("Cancelled: nothing was kept.", _session.Job.Message);
            Assert.IsFalse(_session.Job.HasFailed);
        }

        [Test]
        public void AnImpossibleFolderIsToldBeforeTheServerWorks()
        {
            Ready((asked, progress, token) => Fail(new InvalidOperationException()));
            _session.Edit(draft => draft.Folder = "Elsewhere");
            _session.Generate();
            Assert.AreEqual(SkySessionState.Failed, _session.State);
            Assert.AreEqual(0, _server.Asked);
        }

        // ------------------------------------------------------------------------------- the draft

        [Test]
        public void TheDraftIsKeptOnDisk()
        {
            _session.Edit(draft =>
            {
                draft.Recipe.Seed = ulong.MaxValue.ToString();
                draft.Recipe.Tint = new Color(0.25f, 0.5f, 0.75f);
                draft.LockSeed = true;
                draft.Folder = "Assets/Mine";
            });
            _session.Dispose();
            _session = new SkyboxSession(() => _server, _folder);
            Assert.AreEqual(ulong.MaxValue.ToString(), _session.Draft.Recipe.Seed);
            Assert.AreEqual(new Color(0.25f, 0.5f, 0.75f), _session.Draft.Recipe.Tint);
            Assert.IsTrue(_session.Draft.LockSeed);
            Assert.AreEqual("Assets/Mine", _session.Maker.Folder);
        }

        [Test]
        public void TheDraftFitsTheServer()
        {
            var draft = new SkyDraft();
            draft.Recipe.Cloud = "Xx";
            draft.Recipe.MixWith = "Yy";
            draft.Recipe.Psi = 7;
            draft.Recipe.Pictures = 99;
            draft.Recipe.Size = 8192;
            draft.Recipe.Seed = "none";
            DescribeResponse offer = FakeServer.Describe("Ac", "As");
            draft.FitTo(offer.Models[0], offer.Limits);
            Assert.AreEqual("Ac", draft.Recipe.Cloud);
            Assert.AreEqual("", draft.Recipe.MixWith);
            Assert.AreEqual(1.0, draft.Recipe.Psi);
            Assert.AreEqual(8, draft.Recipe.Pictures);
            Assert.AreEqual(2048, draft.Recipe.Size);
            Assert.AreEqual("0", draft.Recipe.Seed);
        }

        [TestCase("0", "1")]
        [TestCase("9007199254740993", "9007199254740994")]
        [TestCase("18446744073709551615", "0")]
        public void TheNextSeed(string seed, string next)
        {
            Assert.AreEqual(next, SkyDraft.SeedAfter(seed));
        }

        // ------------------------------------------------------------------------------ thumbnails

        [Test]
        public void ThumbnailsAreAskedForOnce()
        {
            Model model = _server.Description.Models[0];
            var cache = new ThumbnailCache(_folder);
            Assert.AreEqual(3, cache.LoadAsync(_server, model, CancellationToken.None).Result.Count);
            IDictionary<string, byte[]> again = cache.LoadAsync(_server, model, CancellationToken.None).Result;
            Assert.AreEqual(new byte[] { 1, 2, 3 }, again["St"]);
            Assert.AreEqual(1, _server.ThumbnailsAsked);
        }

        [TestCase("../../escaped", "Cu")]
        [TestCase(null, "../escaped")]
        public void ThumbnailsOfAHostileServerAreNotWritten(string digest, string code)
        {
            Model model = _server.Description.Models[0];
            model.Digest = digest ?? model.Digest;
            model.Clouds[0].Code = code;
            var cache = new ThumbnailCache(Path.Combine(_folder, "inner"));
            Assert.AreEqual(3, cache.LoadAsync(_server, model, CancellationToken.None).Result.Count);
            Assert.IsFalse(Directory.Exists(_folder));
        }

        // --------------------------------------------------------------------------------- history

        [Test]
        public void TheHistoryIsBoundedAndTheNewestComesFirst()
        {
            var history = new SkyHistory(_folder);
            var sky = ScriptableObject.CreateInstance<GeneratedSky>();
            for (int i = 0; i < SkyHistory.MaxEntries + 5; i++)
            {
                sky.Recipe.Seed = i.ToString();
                history.Add(sky, new byte[] { (byte)i });
            }
            Object.DestroyImmediate(sky);
            var read = new SkyHistory(_folder);
            Assert.AreEqual(SkyHistory.MaxEntries, read.Entries.Count);
            Assert.AreEqual((SkyHistory.MaxEntries + 4).ToString(), read.Entries[0].Recipe.Seed);
            Assert.AreEqual(new[] { (byte)(SkyHistory.MaxEntries + 4) }, read.ReadPicture(read.Entries[0]));
            Assert.AreEqual(SkyHistory.MaxEntries, Directory.GetFiles(_folder, "*.jpg").Length);
            Assert.IsFalse(read.Entries[0].AssetExists);
        }

        [TestCase("")]
        [TestCase("{")]
        [TestCase("[1, 2]")]
        [TestCase("{\"Entries\":[{\"Id\":\"../../x\"}]}")]
        public void ABrokenHistoryIsEmpty(string text)
        {
            Directory.CreateDirectory(_folder);
            File.WriteAllText(Path.Combine(_folder, "history.json"), text);
            Assert.AreEqual(0, new SkyHistory(_folder).Entries.Count);
        }

        private static Task<SkyResult> Fail(Exception error)
        {
            var failed = new TaskCompletionSource<SkyResult>();
            failed.SetException(error);
            return failed.Task;
        }

        private void Ready(Func<int, Action<Progress>, CancellationToken, Task<SkyResult>> draw)
        {
            _server.Draw = draw;
            _session.Link.Connect();
            Until(() => _session.State == SkySessionState.Ready);
        }

        private static void Until(Func<bool> condition)
        {
            DateTime end = DateTime.UtcNow.AddSeconds(Patience);
            while (!condition())
            {
                Assert.IsTrue(DateTime.UtcNow < end, "it never came true");
                Pump(0.002);
            }
        }

        private static void Pump(double seconds)
        {
            Thread.Sleep(TimeSpan.FromSeconds(seconds));
            MainThread.RunWaiting();
        }
    }
}
