using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Security.Cryptography;
using SkyServer.V1;

namespace SkyServer.Editor
{
    /// <summary>What is set in the window: the recipe of the next sky and what happens with it.</summary>
    [Serializable]
    public sealed class SkyDraft
    {
        /// <summary>The recipe of the next sky.</summary>
        public SkyRecipe Recipe = new SkyRecipe();

        /// <summary>Folder below Assets where skies are put; empty for the project's default.</summary>
        public string Folder = "";

        /// <summary>Whether the seed stays; otherwise each sky gets a new one.</summary>
        public bool LockSeed;

        /// <summary>Whether a finished sky becomes the open scene's skybox.</summary>
        public bool ApplyToScene = true;

        /// <summary>Whether the scene's directional light is turned to the sky's sun.</summary>
        public bool AlignSun;

        /// <summary>Whether a call was under way when the scripts were reloaded.</summary>
        public bool Interrupted;

        /// <summary>Reads a seed.</summary>
        /// <returns>Whether the text is a whole number from 0 to 2^64 - 1.</returns>
        public static bool TryParseSeed(string text, out ulong seed)
        {
            return ulong.TryParse(
                (text ?? "").Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out seed);
        }

        /// <summary>A new seed: 64 random bits, in decimal.</summary>
        public static string RandomSeed()
        {
            var bits = new byte[8];
            using (RandomNumberGenerator random = RandomNumberGenerator.Create())
            {
                random.GetBytes(bits);
            }
            return BitConverter.ToUInt64(bits, 0).ToString(CultureInfo.InvariantCulture);
        }

        /// <summary>The next seed; after the last comes 0.</summary>
        public static string SeedAfter(string seed)
        {
            ulong number;
            TryParseSeed(seed, out number);
            return unchecked(number + 1).ToString(CultureInfo.InvariantCulture);
        }

        /// <summary>The sizes in pixels that a server offers for a layout.</summary>
        public static List<uint> Sizes(Limits limits, SkyboxLayout layout)
        {
            return layout == SkyboxLayout.Panoramic ? limits.PanoramaWidths : limits.FaceSizes;
        }

        /// <summary>The size that is nearest to the one wanted.</summary>
        public static int Nearest(List<uint> sizes, int wanted)
        {
            return (int)sizes.OrderBy(size => Math.Abs((long)size - wanted)).First();
        }

        /// <summary>Changes what the server would refuse to the nearest that it takes.</summary>
        public void FitTo(Model model, Limits limits)
        {
            ulong seed;
            if (!TryParseSeed(Recipe.Seed, out seed))
            {
                Recipe.Seed = "0";
            }
            if (!model.Clouds.Any(cloud => cloud.Code == Recipe.Cloud))
            {
                Recipe.Cloud = model.Clouds[0].Code;
            }
            if (Recipe.MixWith == Recipe.Cloud || !model.Clouds.Any(cloud => cloud.Code == Recipe.MixWith))
            {
                Recipe.MixWith = "";
            }
            Recipe.MixShare = Clamp(Recipe.MixShare, 0, 1);
            Recipe.Psi = Clamp(Recipe.Psi, limits.MinPsi, limits.MaxPsi);
            Recipe.Pictures = (int)Clamp(Recipe.Pictures, limits.MinPictures, limits.MaxPictures);
            Recipe.Size = Nearest(Sizes(limits, Recipe.Layout), Recipe.Size);
        }

        private static double Clamp(double value, double low, double high)
        {
            return Math.Max(low, Math.Min(high, value));
        }
    }
}
