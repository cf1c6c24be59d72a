using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using SkyServer.V1;

namespace SkyServer.Editor
{
    /// <summary>
    /// The calls of a server, as the window makes them; <see cref="SkyServerClient"/> makes them over the
    /// network. Every task ends in a <see cref="SkyServerException"/> when the call fails; progress comes
    /// on any thread.
    /// </summary>
    public interface ISkyServer : IDisposable
    {
        /// <summary>What the server is, its models and its limits.</summary>
        Task<DescribeResponse> DescribeAsync(CancellationToken cancellation);

        /// <summary>Draws a sky; the files come in the order of the request's outputs.</summary>
        Task<SkyResult> GenerateAsync(
            GenerateRequest request, Action<Progress> onProgress, CancellationToken cancellation);

        /// <summary>Turns a picture into a sky.</summary>
        Task<SkyResult> ConvertAsync(
            ConvertRequest request, Action<Progress> onProgress, CancellationToken cancellation);

        /// <summary>One small picture of each cloud type.</summary>
        Task<IList<Thumbnail>> ThumbnailsAsync(ThumbnailsRequest request, CancellationToken cancellation);
    }
}
