using System;
using System.Collections.Generic;
using System.Text;
using NUnit.Framework;
using SkyServer.V1;

namespace SkyServer.Editor.Tests
{
    public sealed class GrpcStatusTests
    {
        [Test]
        public void ATrailerIsLinesOfKeysAndValues()
        {
            Dictionary<string, string> fields = GrpcStatus.ParseTrailer(
                Encoding.ASCII.GetBytes("grpc-status:3\r\nGRPC-Message: a:b \r\nno line\r\n"));
            Assert.AreEqual(2, fields.Count);
            Assert.AreEqual("3", fields["grpc-status"]);
            Assert.AreEqual("a:b", fields["grpc-message"]);
        }

        [Test]
        public void ZeroIsNoError()
        {
            Assert.IsNull(GrpcStatus.ToError(Fields("0")));
        }

        [TestCase(1, StatusCode.Cancelled)]
        [TestCase(3, StatusCode.InvalidArgument)]
        [TestCase(8, StatusCode.ResourceExhausted)]
        [TestCase(16, StatusCode.Unauthenticated)]
        [TestCase(17, StatusCode.Unknown)]
        [TestCase(-1, StatusCode.Unknown)]
        public void EveryNumberHasACode(int number, StatusCode code)
        {
            SkyServerException error = GrpcStatus.ToError(Fields(number.ToString()));
            Assert.AreEqual(code, error.Code);
            StringAssert.Contains("status " + number, error.Message);
        }

        [TestCase("")]
        [TestCase("OK")]
        [TestCase("3.5")]
        [TestCase("99999999999")]
        public void WhatIsNoNumberIsNoStatus(string status)
        {
            Assert.Throws<FormatException>(() => GrpcStatus.ToError(Fields(status)));
        }

        [TestCase("100%25 of %C3%A4", "100% of ä")]
        [TestCase("one%0D%0Atwo", "one  two")]
        [TestCase("50% off %zz", "50% off %zz")]
        public void AMessageIsOneLineOfText(string encoded, string text)
        {
            Assert.AreEqual(text, GrpcStatus.ToError(Fields("13", encoded)).Message);
        }

        [Test]
        public void DetailsNameTheReasonAndTheField()
        {
            var info = new ErrorInfo { Reason = "INVALID_FIELD", Domain = "skyserver" };
            info.Metadata["field"] = "outputs[0].size";
            SkyServerException error = GrpcStatus.ToError(Fields("3", "no", Packed("ErrorInfo", info.ToByteArray())));
            Assert.AreEqual("INVALID_FIELD", error.Reason);
            Assert.AreEqual("outputs[0].size", error.Field);
            Assert.IsNull(error.RetryDelay);
        }

        [TestCase(2L, 500000000, 2.5)]
        [TestCase(-5L, 0, 0)]
        [TestCase(long.MaxValue, int.MaxValue, 3600)]
        public void DetailsSayWhenToAskAgain(long seconds, int nanos, double expected)
        {
            var delay = new Duration { Seconds = seconds, Nanos = nanos };
            byte[] retry = new RetryInfo { RetryDelay = delay }.ToByteArray();
            SkyServerException error = GrpcStatus.ToError(Fields("8", "full", Packed("RetryInfo", retry)));
            Assert.AreEqual(expected, error.RetryDelay.Value.TotalSeconds, 1e-3);
            StringAssert.IsMatch(@"^full; try again in \d+ s$", error.Message);
        }

        [TestCase("?")]
        [TestCase("AAAA")]
        [TestCase("CA")]
        public void DetailsThatCannotBeReadAreLeftOut(string details)
        {
            SkyServerException error = GrpcStatus.ToError(Fields("5", "what", details));
            Assert.AreEqual(StatusCode.NotFound, error.Code);
            Assert.AreEqual("what", error.Message);
            Assert.AreEqual("", error.Reason);
        }

        private static Dictionary<string, string> Fields(
            string status, string message = "", string details = "")
        {
            return new Dictionary<string, string>
            {
                { "grpc-status", status },
                { "grpc-message", message },
                { "grpc-status-details-bin", details },
            };
        }

        private static string Packed(string kind, byte[] value)
        {
            var status = new Status();
            status.Details.Add(new Any { TypeUrl = "type.googleapis.com/google.rpc." + kind, Value = value });
            return Convert.ToBase64String(status.ToByteArray());
        }
    }
}
