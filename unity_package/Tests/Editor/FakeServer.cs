using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using SkyServer.V1;

namespace SkyServer.Editor.Tests
{
    /// <summary>A server that does what a test says, when it says so.</summary>
    internal sealed class FakeServer : ISkyServer
    {
        public int Asked, Disposed, ThumbnailsAsked;
        public Exception DescribeError;
        public Func<int, Action<Progress>, CancellationToken, Task<SkyResult>> Draw;

        public readonly DescribeResponse Description = Describe("Cu", "Ci", "St");

        public static DescribeResponse Describe(params string[] clouds)
        {
            var model = new Model { Name = "fake", Digest = new string('a', 64) };
            foreach (string cloud in clouds)
            {
                model.Clouds.Add(new CloudType { Code = cloud, Name = "name " + cloud });
            }
            var limits = new Limits { MinPsi = 0, MaxPsi = 1, MinPictures = 1, MaxPictures = 8 };
            limits.PanoramaWidths.AddRange(new uint[] { 512, 1024, 2048 });
            limits.FaceSizes.AddRange(new uint[] { 128, 256, 512 });
            var description = new DescribeResponse { ServerVersion = "0", Protocol = 2, Limits = limits };
            description.Models.Add(model);
            return description;
        }

        public Task<DescribeResponse> DescribeAsync(CancellationToken cancellation)
        {
            if (DescribeError != null)
            {
                throw DescribeError;
            }
            return Task.FromResult(Description);
        }

        public Task<SkyResult> GenerateAsync(
            GenerateRequest request, Action<Progress> onProgress, CancellationToken cancellation)
        {
            return Draw(++Asked, onProgress, cancellation);
        }

        public Task<SkyResult> ConvertAsync(
            ConvertRequest request, Action<Progress> onProgress, CancellationToken cancellation)
        {
            return Draw(++Asked, onProgress, cancellation);
        }

        public Task<IList<Thumbnail>> ThumbnailsAsync(ThumbnailsRequest request, CancellationToken cancellation)
        {
            ThumbnailsAsked++;
            IList<Thumbnail> thumbnails = new List<Thumbnail>();
            foreach (CloudType cloud in Description.Models[0].Clouds)
            {
                thumbnails.Add(new Thumbnail { Cloud = cloud.Code, Image = new byte[] { 1, 2, 3 } });
            }
            return Task.FromResult(thumbnails);
        }

        public void Dispose()
        {
            Disposed++;
        }
    }
}
