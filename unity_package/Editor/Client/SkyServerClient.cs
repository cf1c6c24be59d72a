using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using SkyServer.Editor.Protobuf;
using SkyServer.V1;

namespace SkyServer.Editor
{
    /// <summary>
    /// The calls of a SkyServer. Every method returns at once and works off the main thread; its
    /// callbacks and what follows an <c>await</c> without a context may come on any thread
    /// (<see cref="MainThread"/> leads back). A failed call throws <see cref="SkyServerException"/>; one
    /// that is cancelled, by its token, by <see cref="Dispose"/> or by the end of the
    /// <see cref="EditorSession"/>, throws <see cref="OperationCanceledException"/>, and the server stops
    /// its work. Safe to use from several threads at once.
    /// </summary>
    public sealed class SkyServerClient : ISkyServer
    {
        // Describe does no work: a server that takes longer is not well.
        private static readonly TimeSpan DescribeLimit = TimeSpan.FromSeconds(10);

        // Beyond any server's own limit, 120 s by default, which tells better what took so long.
        private static readonly TimeSpan WorkLimit = TimeSpan.FromSeconds(600);

        // What a whole answer may have. Eleven thumbnails of the largest size, 256 pixels, have 2.2 MiB
        // before they are compressed; beside its files a sky has its progress and their headers.
        private const long DescribeBytes = 1 << 20;
        private const long ThumbnailsBytes = 4 << 20;
        private const long ResultBytes = SkyResultReader.MaxBytes + (16 << 20);

        private readonly GrpcWebChannel _channel;
        private readonly CancellationTokenSource _lifetime = new CancellationTokenSource();

        /// <summary>Makes a client; nothing is sent yet.</summary>
        /// <param name="address">As in <c>http://127.0.0.1:8080</c>.</param>
        /// <param name="token">The bearer token that the server asks for; null or empty for none.</param>
        /// <exception cref="SkyServerException">
        /// The token would travel unencrypted to another machine
        /// (<see cref="ErrorReason.TokenNeedsTls"/>).
        /// </exception>
        public SkyServerClient(Uri address, string token)
        {
            _channel = new GrpcWebChannel(address, token ?? "");
        }

        /// <summary>
        /// What the server is, its models (at least one) and its limits (never null). Checks the
        /// handshake too.
        /// </summary>
        public async Task<DescribeResponse> DescribeAsync(CancellationToken cancellation)
        {
            DescribeResponse description = null;
            await CallAsync(
                SkyServerMethods.Describe,
                new DescribeRequest(),
                message => description = DescribeResponse.Parse(message),
                DescribeBytes,
                DescribeLimit,
                cancellation).ConfigureAwait(false);
            if (description == null)
            {
                throw ClientError.Damaged("The server's answer is empty");
            }
            Handshake.Check(description);
            if (description.Models.Count == 0 || description.Limits == null)
            {
                throw ClientError.Damaged("The server does not say which models it has and what it allows");
            }
            return description;
        }

        /// <summary>Draws a sky.</summary>
        /// <param name="request">What to draw.</param>
        /// <param name="onProgress">Told of each stage that begins, on any thread; may be null.</param>
        /// <param name="cancellation">Stops the work.</param>
        public Task<SkyResult> GenerateAsync(
            GenerateRequest request, Action<Progress> onProgress, CancellationToken cancellation)
        {
            return ResultAsync(SkyServerMethods.Generate, request, onProgress, cancellation);
        }

        /// <summary>Turns a picture into a sky.</summary>
        /// <param name="request">The picture, and what to make of it.</param>
        /// <param name="onProgress">Told of each stage that begins, on any thread; may be null.</param>
        /// <param name="cancellation">Stops the work.</param>
        public Task<SkyResult> ConvertAsync(
            ConvertRequest request, Action<Progress> onProgress, CancellationToken cancellation)
        {
            return ResultAsync(SkyServerMethods.Convert, request, onProgress, cancellation);
        }

        /// <summary>One small picture of each cloud type, in the order of <c>Model.clouds</c>.</summary>
        public async Task<IList<Thumbnail>> ThumbnailsAsync(
            ThumbnailsRequest request, CancellationToken cancellation)
        {
            var thumbnails = new List<Thumbnail>();
            await CallAsync(
                SkyServerMethods.Thumbnails,
                request,
                message => thumbnails.Add(Thumbnail.Parse(message)),
                ThumbnailsBytes,
                WorkLimit,
                cancellation).ConfigureAwait(false);
            return thumbnails;
        }

        /// <summary>Cancels the calls that are under way.</summary>
        public void Dispose()
        {
            _lifetime.Cancel();
        }

        private async Task<SkyResult> ResultAsync(
            string path, IMessage request, Action<Progress> onProgress, CancellationToken cancellation)
        {
            var reader = new SkyResultReader(onProgress);
            await CallAsync(
                path,
                request,
                message => reader.Add(SkyEvent.Parse(message)),
                ResultBytes,
                WorkLimit,
                cancellation).ConfigureAwait(false);
            return reader.Finish();
        }

        private Task CallAsync(
            string path,
            IMessage request,
            Action<byte[]> onMessage,
            long maxBytes,
            TimeSpan limit,
            CancellationToken cancellation)
        {
            // Off the caller's thread from the start: to encode an upload takes its time, and so does
            // the first use of HttpClient.
            return Task.Run(async () =>
            {
                using (var either = CancellationTokenSource.CreateLinkedTokenSource(
                    EditorSession.Token, _lifetime.Token, cancellation))
                {
                    try
                    {
                        byte[] encoded = ProtoWriter.ToByteArray(request);
                        var budget = new AnswerBudget(maxBytes);
                        await _channel.CallAsync(path, encoded, onMessage, budget, limit, either.Token)
                            .ConfigureAwait(false);
                    }
                    catch (InvalidProtobufException)
                    {
                        throw ClientError.Damaged("The server sent a message that cannot be read");
                    }
                }
            });
        }
    }
}
