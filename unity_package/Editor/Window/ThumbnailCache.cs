using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using System.Threading;
using System.Threading.Tasks;
using SkyServer.V1;

namespace SkyServer.Editor
{
    /// <summary>
    /// Small pictures of the cloud types on disk, a folder for each model: the same model gives the same
    /// pictures, so they are asked for once. All of it may run off the main thread.
    /// </summary>
    public sealed class ThumbnailCache
    {
        /// <summary>Edge of a picture in pixels.</summary>
        public const int Size = 128;

        private readonly string _folder;

        /// <param name="folder">Where the models' folders are; made when first needed.</param>
        public ThumbnailCache(string folder)
        {
            _folder = folder;
        }

        /// <summary>
        /// The encoded pictures of a model's cloud types by their code, from the disk or the server.
        /// </summary>
        /// <exception cref="SkyServerException">They are not on disk and the server did not send
        /// them.</exception>
        public async Task<IDictionary<string, byte[]>> LoadAsync(
            ISkyServer server, Model model, CancellationToken cancellation)
        {
            IDictionary<string, byte[]> pictures = Read(model);
            if (pictures != null)
            {
                return pictures;
            }
            var request = new ThumbnailsRequest { Model = model.Digest, Size = Size };
            IList<Thumbnail> thumbnails =
                await server.ThumbnailsAsync(request, cancellation).ConfigureAwait(false);
            pictures = new Dictionary<string, byte[]>();
            foreach (Thumbnail thumbnail in thumbnails)
            {
                pictures[thumbnail.Cloud] = thumbnail.Image;
            }
            Write(model, pictures);
            return pictures;
        }

        /// <summary>Null unless every cloud type has its picture.</summary>
        private IDictionary<string, byte[]> Read(Model model)
        {
            if (!MayBeKept(model))
            {
                return null;
            }
            var pictures = new Dictionary<string, byte[]>();
            try
            {
                foreach (CloudType cloud in model.Clouds)
                {
                    pictures[cloud.Code] = File.ReadAllBytes(PathOf(model, cloud.Code));
                }
                return pictures;
            }
            catch (Exception error) when (JsonFile.IsFileError(error))
            {
                return null;
            }
        }

        private void Write(Model model, IDictionary<string, byte[]> pictures)
        {
            if (!MayBeKept(model))
            {
                return;
            }
            try
            {
                foreach (CloudType cloud in model.Clouds.Where(cloud => pictures.ContainsKey(cloud.Code)))
                {
                    WriteWhole(PathOf(model, cloud.Code), pictures[cloud.Code]);
                }
            }
            catch (Exception error) when (JsonFile.IsFileError(error))
            {
                // They will be asked for again.
            }
        }

        private static void WriteWhole(string path, byte[] picture)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path));
            string written = path + ".new";
            File.WriteAllBytes(written, picture);
            File.Delete(path);
            File.Move(written, path);
        }

        private string PathOf(Model model, string cloud)
        {
            return Path.Combine(_folder, model.Digest, cloud + ".png");
        }

        /// <summary>Digest and codes come from a server and become file names.</summary>
        private static bool MayBeKept(Model model)
        {
            return Regex.IsMatch(model.Digest, "^[0-9a-f]{64}$")
                && model.Clouds.All(cloud => Regex.IsMatch(cloud.Code, "^[A-Za-z0-9]{1,16}$"));
        }
    }
}
