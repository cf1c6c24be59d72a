using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Http;
using System.Net.Sockets;
using System.Security.Authentication;

namespace SkyServer.Editor
{
    /// <summary>
    /// What HttpClient throws when a connection fails. The exceptions differ between Unity's Mono, whose
    /// HttpClient sits on HttpWebRequest, and newer runtimes, where it sits on sockets.
    /// </summary>
    internal static class ConnectionFailure
    {
        private static readonly SocketError[] AmidConnection =
        {
            SocketError.ConnectionReset, SocketError.ConnectionAborted, SocketError.Shutdown,
            SocketError.OperationAborted, SocketError.NotConnected,
        };

        /// <summary>Whether it is one, and no defect of ours.</summary>
        internal static bool Is(Exception error)
        {
            return error is HttpRequestException || error is IOException || error is WebException
                || error is SocketException || error is ObjectDisposedException;
        }

        /// <summary>The error that says whether nobody answered or the connection broke later.</summary>
        internal static SkyServerException Explain(Uri address, Exception error)
        {
            if (Causes(error).Any(IsUntrusted))
            {
                return ClientError.Untrusted(address, error);
            }
            return Causes(error).Any(IsRefused)
                ? ClientError.Unreachable(address, error)
                : ClientError.Cut(address, error);
        }

        private static bool IsUntrusted(Exception cause)
        {
            var web = cause as WebException;
            return cause is AuthenticationException
                || (web != null && (web.Status == WebExceptionStatus.TrustFailure
                    || web.Status == WebExceptionStatus.SecureChannelFailure));
        }

        private static bool IsRefused(Exception cause)
        {
            var web = cause as WebException;
            var socket = cause as SocketException;
            return (web != null && (web.Status == WebExceptionStatus.ConnectFailure
                    || web.Status == WebExceptionStatus.NameResolutionFailure))
                || (socket != null && !AmidConnection.Contains(socket.SocketErrorCode));
        }

        private static IEnumerable<Exception> Causes(Exception error)
        {
            for (; error != null; error = error.InnerException)
            {
                yield return error;
            }
        }
    }
}
