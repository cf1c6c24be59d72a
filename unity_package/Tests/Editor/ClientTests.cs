using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Net.Http;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Threading;
using System.Threading.Tasks;
using NUnit.Framework;
using SkyServer.V1;

namespace SkyServer.Editor.Tests
{
    public sealed class ClientTests
    {
        private static readonly Uri Local = new Uri("http://127.0.0.1:8080");

        [TestCase(2u, 1u)]
        [TestCase(2u, 2u)]
        [TestCase(7u, 1u)]
        public void ServersThatItUnderstands(uint protocol, uint oldest)
        {
            Handshake.Check(new DescribeResponse { Protocol = protocol, OldestProtocol = oldest });
        }

        [TestCase(1u, 1u, ErrorReason.ServerTooOld)]
        [TestCase(3u, 3u, ErrorReason.ServerTooNew)]
        public void ServersThatItDoesNot(uint protocol, uint oldest, string reason)
        {
            var server = new DescribeResponse { Protocol = protocol, OldestProtocol = oldest };
            Assert.AreEqual(reason, Assert.Throws<SkyServerException>(() => Handshake.Check(server)).Reason);
        }

        [TestCase("http://192.0.2.1:8080", false)]
        [TestCase("http://sky.example.com", false)]
        [TestCase("https://sky.example.com", true)]
        [TestCase("http://localhost:8080", true)]
        [TestCase("http://[::1]:8080", true)]
        public void WhereATokenMayTravel(string address, bool allowed)
        {
            TestDelegate make = () => new SkyServerClient(new Uri(address), "secret").Dispose();
            if (allowed)
            {
                make();
                return;
            }
            var error = Assert.Throws<SkyServerException>(make);
            Assert.AreEqual(ErrorReason.TokenNeedsTls, error.Reason);
            StringAssert.DoesNotContain("secret", error.Message);
        }

        [Test]
        public void ConnectionFailuresAreTold()
        {
            Assert.AreEqual(ErrorReason.ServerUnreachable, Explained(SocketError.ConnectionRefused));
            Assert.AreEqual(ErrorReason.ServerUnreachable, Explained(SocketError.HostNotFound));
            Assert.AreEqual(ErrorReason.ConnectionCut, Explained(SocketError.ConnectionReset));
            Assert.AreEqual(ErrorReason.ConnectionCut, Explained(new EndOfStreamException()));
            Assert.AreEqual(ErrorReason.ServerUntrusted, Explained(new AuthenticationException()));
            Assert.IsFalse(ConnectionFailure.Is(new NullReferenceException()));
        }

        [Test]
        public void AResultIsPutTogether()
        {
            var stages = new List<string>();
            var reader = new SkyResultReader(progress => stages.Add(progress.Stage));
            byte[] data = { 1, 2, 3, 4, 5 };
            reader.Add(new SkyEvent { Progress = new Progress { Stage = "model" } });
            reader.Add(new SkyEvent { Artifact = Header("px.png", data) });
            reader.Add(new SkyEvent { Chunk = data.Take(2).ToArray() });
            reader.Add(new SkyEvent { Chunk = data.Skip(2).ToArray() });
            reader.Add(new SkyEvent { Artifact = Header("nx.png", new byte[0]) });
            reader.Add(new SkyEvent { Facts = new Facts() });
            SkyResult result = reader.Finish();
            Assert.AreEqual(new[] { "px.png", "nx.png" }, result.Files.Select(file => file.Name).ToArray());
            Assert.AreEqual(data, result.Files[0].Data);
            Assert.AreEqual(new[] { "model" }, stages.ToArray());
        }

        [Test]
        public void AnUnknownEventIsSkipped()
        {
            var reader = new SkyResultReader(null);
            reader.Add(new SkyEvent());
            Assert.Throws<SkyServerException>(() => reader.Finish());
        }

        [Test]
        public void FilesBeyondTheLimitAreRefusedByTheirAnnouncement()
        {
            var reader = new SkyResultReader(null);
            Artifact header = Header("a.exr", new byte[0]);
            header.Size = (ulong)SkyResultReader.MaxBytes + 1;
            var error = Assert.Throws<SkyServerException>(() => reader.Add(new SkyEvent { Artifact = header }));
            Assert.AreEqual(ErrorReason.ReplyTooLarge, error.Reason);
        }

        [Test]
        public void WorkOfTheMainThreadIsSpreadOverFrames()
        {
            int done = 0, frames = 0;
            for (int i = 0; i < 50; i++)
            {
                MainThread.Post(() =>
                {
                    Thread.Sleep(1);
                    done++;
                });
            }
            for (; done < 50 && frames < 1000; frames++)
            {
                MainThread.RunWaiting();
            }
            Assert.AreEqual(50, done);
            Assert.Greater(frames, 5);
        }

        [Test]
        public void WhatWaitsForTheMainThreadGetsItsValueOrItsError()
        {
            Task<int> value = MainThread.RunAsync(() => 5);
            Task failed = MainThread.RunAsync(() => { throw new InvalidOperationException("no"); });
            Assert.IsFalse(value.IsCompleted);
            // a frame runs what fits into its few milliseconds, which may pass without it
            for (int frame = 0; frame < 1000 && !failed.IsCompleted; frame++)
            {
                MainThread.RunWaiting();
            }
            Assert.IsTrue(value.IsCompleted && failed.IsCompleted);
            Assert.AreEqual(5, value.Result);
            Assert.AreEqual("no", failed.Exception.InnerException.Message);
        }

        private static string Explained(SocketError error)
        {
            return Explained(new SocketException((int)error));
        }

        private static string Explained(Exception cause)
        {
            var thrown = new HttpRequestException("it failed", cause);
            Assert.IsTrue(ConnectionFailure.Is(thrown));
            return ConnectionFailure.Explain(Local, thrown).Reason;
        }

        private static Artifact Header(string name, byte[] data)
        {
            using (var sha256 = SHA256.Create())
            {
                return new Artifact
                {
                    Name = name,
                    MediaType = "image/png",
                    Size = (ulong)data.Length,
                    Width = 1,
                    Height = 1,
                    Sha256 = sha256.ComputeHash(data),
                };
            }
        }
    }
}
