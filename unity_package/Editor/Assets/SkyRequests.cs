using System;
using System.Globalization;
using System.IO;
using SkyServer.V1;
using UnityEditor;
using UnityEngine;

namespace SkyServer.Editor
{
    /// <summary>Recipes as requests to the server, and its answer as a complete recipe.</summary>
    public static class SkyRequests
    {
        /// <summary>The request that draws the sky of a recipe, with its model if it names one.</summary>
        /// <exception cref="FormatException">The seed is not a whole number of 0 to 2^64 - 1.</exception>
        public static GenerateRequest From(SkyRecipe recipe)
        {
            bool isExact = !string.IsNullOrEmpty(recipe.ModelDigest);
            var request = new GenerateRequest
            {
                Cloud = recipe.Cloud,
                Model = isExact ? recipe.ModelDigest : recipe.ModelName,
                Seed = ParseSeed(recipe.Seed),
                Psi = recipe.Psi,
                Pictures = (uint)recipe.Pictures,
                Below = recipe.Below,
            };
            if (!string.IsNullOrEmpty(recipe.MixWith))
            {
                request.MixWith = recipe.MixWith;
                request.MixShare = recipe.MixShare;
            }
            request.Outputs.Add(OutputOf(recipe));
            return request;
        }

        /// <summary>The request that turns a texture of the project into the layout of a recipe.</summary>
        /// <remarks>The texture's own file is sent, so that its import settings cost nothing.</remarks>
        /// <exception cref="NotSupportedException">The server cannot read files of its kind.</exception>
        public static ConvertRequest From(Texture2D texture, SkyRecipe recipe)
        {
            string path = AssetDatabase.GetAssetPath(texture);
            string extension = Path.GetExtension(path).ToLowerInvariant();
            if (Array.IndexOf(Readable, extension) < 0)
            {
                string readable = string.Join(" ", Readable);
                throw new NotSupportedException(
                    $"{texture.name} cannot be converted: save it as one of {readable} first.");
            }
            var request = new ConvertRequest { Below = recipe.Below };
            request.Images.Add(File.ReadAllBytes(path));
            request.Outputs.Add(OutputOf(recipe));
            return request;
        }

        /// <summary>A copy of a recipe with what the server says about the sky that it made.</summary>
        public static SkyRecipe Complete(SkyRecipe recipe, Facts facts)
        {
            SkyRecipe complete = recipe.Clone();
            if (facts.Request != null)
            {
                complete.Cloud = facts.Request.Cloud;
                complete.ModelDigest = facts.Request.Model;
            }
            if (facts.Sun != null)
            {
                complete.SunDirection = new Vector3(facts.Sun.X, facts.Sun.Y, facts.Sun.Z);
                complete.SunConfidence = facts.Sun.Confidence;
                complete.SunColour = new Color(facts.Sun.Red, facts.Sun.Green, facts.Sun.Blue, 1f);
            }
            return complete;
        }

        private static readonly string[] Readable =
        {
            ".png", ".jpg", ".jpeg", ".webp", ".hdr", ".exr",
        };

        private static ulong ParseSeed(string seed)
        {
            ulong number;
            if (!ulong.TryParse(seed, NumberStyles.None, CultureInfo.InvariantCulture, out number))
            {
                throw new FormatException(
                    $"The seed \"{seed}\" is not a whole number from 0 to {ulong.MaxValue}.");
            }
            return number;
        }

        /// <remarks>
        /// A cubemap travels as a horizontal cross, not as a panorama for Unity to project: then its
        /// texels are the server's own, faces look along the axes they are named after (a projected
        /// panorama is a quarter turn off), and its longest side stays at four faces, inside the
        /// importer's limits. Neighbours in a cross touch as they do on the cube.
        /// </remarks>
        private static Output OutputOf(SkyRecipe recipe)
        {
            return new Output
            {
                Layout = Layouts[(int)recipe.Layout],
                Size = (uint)recipe.Size,
                Format = Format.Png,
                Orientation = Orientation.Unity,
            };
        }

        private static readonly Layout[] Layouts =
        {
            Layout.Panorama, Layout.Faces, Layout.HorizontalCross,
        };
    }
}
