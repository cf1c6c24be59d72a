using System;

namespace SkyServer.Editor
{
    /// <summary>The errors of <see cref="ErrorReason"/> with their messages.</summary>
    internal static class ClientError
    {
        private const string Settings = "Project Settings > SkyServer";

        internal static SkyServerException Unreachable(Uri address, Exception cause)
        {
            string advice = address.IsLoopback
                ? "start it in Window > SkyServer > Skybox Generator, or with "
                    + $"\"skyserver serve --http-port {address.Port}\""
                : $"check the address in {Settings}, and that the server runs there";
            return new SkyServerException(
                StatusCode.Unavailable,
                ErrorReason.ServerUnreachable,
                $"No SkyServer answers at {Name(address)}: {advice}.",
                cause: cause);
        }

        internal static SkyServerException Cut(Uri address, Exception cause = null)
        {
            return new SkyServerException(
                StatusCode.Unavailable,
                ErrorReason.ConnectionCut,
                $"The connection to {Name(address)} broke before the answer was whole; try again.",
                cause: cause);
        }

        internal static SkyServerException Untrusted(Uri address, Exception cause)
        {
            return new SkyServerException(
                StatusCode.Unavailable,
                ErrorReason.ServerUntrusted,
                $"The certificate of {Name(address)} is not trusted on this machine, or there is no https; "
                    + $"install the certificate, or check the address in {Settings}.",
                cause: cause);
        }

        internal static SkyServerException TooLarge(long limitBytes)
        {
            return new SkyServerException(
                StatusCode.ResourceExhausted,
                ErrorReason.ReplyTooLarge,
                $"The answer is larger than the {limitBytes >> 20} MiB that are allowed; "
                    + "ask for a smaller size or fewer files.");
        }

        internal static SkyServerException Endless(string what, long limitBytes)
        {
            return new SkyServerException(
                StatusCode.ResourceExhausted,
                ErrorReason.ReplyTooLarge,
                $"{what} is larger than the {limitBytes >> 20} MiB that a SkyServer sends at most; "
                    + $"check the address in {Settings}.");
        }

        internal static SkyServerException NotASkyServer(Uri address, string found)
        {
            return new SkyServerException(
                StatusCode.Unimplemented,
                ErrorReason.NotASkyServer,
                $"What answers at {Name(address)} is not a SkyServer ({found}); "
                    + $"check the address in {Settings}.");
        }

        internal static SkyServerException Damaged(string what)
        {
            return new SkyServerException(
                StatusCode.DataLoss, ErrorReason.DamagedReply, $"{what}; try again.");
        }

        internal static SkyServerException TooOld(string serverVersion, uint protocol, uint needed)
        {
            return new SkyServerException(
                StatusCode.FailedPrecondition,
                ErrorReason.ServerTooOld,
                $"SkyServer {serverVersion} is too old for this package (protocol {protocol}, "
                    + $"needed {needed}); update skyserver where the server runs.");
        }

        internal static SkyServerException TooNew(string serverVersion, uint oldest, uint here)
        {
            return new SkyServerException(
                StatusCode.FailedPrecondition,
                ErrorReason.ServerTooNew,
                $"SkyServer {serverVersion} is too new for this package (protocol {oldest}, "
                    + $"here {here}); update the package in the Package Manager.");
        }

        internal static SkyServerException Unauthenticated(Uri address, bool sent)
        {
            string problem = sent
                ? $"does not know your token; correct it in {Settings}, or ask for a new one."
                : $"asks for a token; enter yours in {Settings}.";
            return new SkyServerException(
                StatusCode.Unauthenticated, ErrorReason.Unauthenticated, $"{Name(address)} {problem}");
        }

        internal static SkyServerException TokenNeedsTls(Uri address)
        {
            return new SkyServerException(
                StatusCode.Unauthenticated,
                ErrorReason.TokenNeedsTls,
                $"The token is not sent to {Name(address)}, because it would travel unencrypted; "
                    + $"use an https address, or remove the token, in {Settings}.");
        }

        internal static SkyServerException Late(Uri address, TimeSpan limit)
        {
            return new SkyServerException(
                StatusCode.DeadlineExceeded,
                ErrorReason.DeadlineExceeded,
                $"{Name(address)} did not answer within {limit.TotalSeconds:0} seconds; try again, "
                    + "or restart the server.");
        }

        private static string Name(Uri address)
        {
            return address.GetLeftPart(UriPartial.Authority);
        }
    }
}
