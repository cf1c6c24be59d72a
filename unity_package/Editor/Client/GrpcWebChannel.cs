using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Http;
using System.Net.Http.Headers;
using System.Threading;
using System.Threading.Tasks;

namespace SkyServer.Editor
{
    /// <summary>
    /// Calls over gRPC-Web on HTTP/1.1. Unity's Mono has no HTTP/2 and UnityWebRequest refuses plain
    /// http, so this is what reaches a local server without any library.
    /// </summary>
    internal sealed class GrpcWebChannel
    {
        private const string ContentType = "application/grpc-web";

        private readonly Uri _address;
        private readonly string _token;

        /// <param name="address">As in <c>http://127.0.0.1:8080</c>.</param>
        /// <param name="token">Sent as a bearer token, or empty.</param>
        /// <exception cref="SkyServerException">The token would travel unencrypted.</exception>
        internal GrpcWebChannel(Uri address, string token)
        {
            if (token.Length > 0 && address.Scheme != Uri.UriSchemeHttps && !address.IsLoopback)
            {
                throw ClientError.TokenNeedsTls(address);
            }
            _address = address;
            _token = token;
        }

        /// <summary>Sends one message and hands over those that come back, one after the other.</summary>
        /// <param name="path">As in <c>/skyserver.v1.SkyServer/Generate</c>.</param>
        /// <param name="request">The encoded message.</param>
        /// <param name="onMessage">Given each message as it arrives, on any thread.</param>
        /// <param name="budget">What the whole answer may have.</param>
        /// <param name="limit">After this time the call fails, here and on the server.</param>
        /// <param name="cancellation">Ends the call at once; the server stops its work.</param>
        /// <exception cref="SkyServerException">The call failed.</exception>
        /// <exception cref="OperationCanceledException">The caller cancelled it.</exception>
        internal async Task CallAsync(
            string path,
            byte[] request,
            Action<byte[]> onMessage,
            AnswerBudget budget,
            TimeSpan limit,
            CancellationToken cancellation)
        {
            using (var expiry = new CancellationTokenSource(limit))
            using (var either = CancellationTokenSource.CreateLinkedTokenSource(expiry.Token, cancellation))
            using (HttpRequestMessage message = Request(path, request, limit))
            {
                try
                {
                    await ExchangeAsync(message, onMessage, budget, either.Token).ConfigureAwait(false);
                }
                catch (Exception) when (cancellation.IsCancellationRequested)
                {
                    throw new OperationCanceledException(cancellation);
                }
                catch (Exception) when (expiry.IsCancellationRequested)
                {
                    throw ClientError.Late(_address, limit);
                }
                catch (Exception error) when (ConnectionFailure.Is(error))
                {
                    throw ConnectionFailure.Explain(_address, error);
                }
            }
        }

        private HttpRequestMessage Request(string path, byte[] request, TimeSpan limit)
        {
            var content = new ByteArrayContent(GrpcWebFrame.Encode(request));
            content.Headers.ContentType = new MediaTypeHeaderValue(ContentType + "+proto");
            var message = new HttpRequestMessage(HttpMethod.Post, new Uri(_address, path))
            {
                Content = content,
            };
            message.Headers.ExpectContinue = false;
            message.Headers.ConnectionClose = true;
            message.Headers.Add("X-Grpc-Web", "1");
            message.Headers.Add("grpc-timeout", $"{limit.TotalSeconds:0}S");
            if (_token.Length > 0)
            {
                message.Headers.Authorization = new AuthenticationHeaderValue("Bearer", _token);
            }
            return message;
        }

        private async Task ExchangeAsync(
            HttpRequestMessage message,
            Action<byte[]> onMessage,
            AnswerBudget budget,
            CancellationToken cancellation)
        {
            // A connection of its own for each call: nothing of it is left when the call ends, and
            // none goes stale when the server restarts.
            using (var handler = new HttpClientHandler())
            {
                handler.UseProxy = false;
                handler.UseCookies = false;
                handler.AllowAutoRedirect = false; // the token is meant for this server alone
                using (var http = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan })
                using (HttpResponseMessage response = await http.SendAsync(
                    message, HttpCompletionOption.ResponseHeadersRead, cancellation).ConfigureAwait(false))
                {
                    await ReceiveAsync(response, onMessage, budget, cancellation).ConfigureAwait(false);
                }
            }
        }

        private async Task ReceiveAsync(
            HttpResponseMessage response,
            Action<byte[]> onMessage,
            AnswerBudget budget,
            CancellationToken cancellation)
        {
            CheckKind(response);
            Dictionary<string, string> headers = response.Headers.ToDictionary(
                header => header.Key.ToLowerInvariant(), header => header.Value.First());
            if (headers.ContainsKey(GrpcStatus.StatusKey))
            {
                ThrowUnlessOk(headers);
                return;
            }
            using (Stream body = await response.Content.ReadAsStreamAsync().ConfigureAwait(false))
            using (cancellation.Register(body.Dispose)) // reads do not heed the token on Mono
            {
                GrpcWebFrame frame;
                while (!(frame = await ReadFrameAsync(body, budget, cancellation).ConfigureAwait(false)).IsTrailer)
                {
                    onMessage(frame.Payload);
                }
                ThrowUnlessOk(GrpcStatus.ParseTrailer(frame.Payload));
            }
        }

        private async Task<GrpcWebFrame> ReadFrameAsync(
            Stream body, AnswerBudget budget, CancellationToken cancellation)
        {
            try
            {
                return await GrpcWebFrame.ReadAsync(body, budget, cancellation).ConfigureAwait(false);
            }
            catch (InvalidDataException error)
            {
                throw ClientError.NotASkyServer(_address, error.Message);
            }
        }

        private void CheckKind(HttpResponseMessage response)
        {
            if (response.StatusCode == HttpStatusCode.Unauthorized)
            {
                throw ClientError.Unauthenticated(_address, _token.Length > 0);
            }
            MediaTypeHeaderValue type = response.Content.Headers.ContentType;
            bool isGrpcWeb = type != null && type.MediaType.StartsWith(ContentType, StringComparison.Ordinal);
            if (response.StatusCode != HttpStatusCode.OK || !isGrpcWeb)
            {
                string kind = type == null ? "nothing" : type.MediaType;
                throw ClientError.NotASkyServer(_address, $"HTTP {(int)response.StatusCode}, {kind}");
            }
        }

        private void ThrowUnlessOk(IDictionary<string, string> fields)
        {
            SkyServerException error;
            try
            {
                error = GrpcStatus.ToError(fields);
            }
            catch (FormatException)
            {
                throw ClientError.NotASkyServer(_address, "an answer without a status");
            }
            if (error == null)
            {
                return;
            }
            bool fromSkyServer = error.Reason.Length > 0;
            if (error.Code == StatusCode.Unauthenticated)
            {
                throw ClientError.Unauthenticated(_address, _token.Length > 0);
            }
            if (error.Code == StatusCode.Unimplemented && !fromSkyServer)
            {
                throw ClientError.NotASkyServer(_address, error.Message);
            }
            throw error;
        }
    }
}
