using System;
using UnityEngine;

namespace SkyServer
{
    /// <summary>What a sky is made from: enough to ask a server for the same one again.</summary>
    /// <remarks>The defaults are the server's own.</remarks>
    [Serializable]
    public sealed class SkyRecipe
    {
        /// <summary>Code of the cloud type, as in "Cu". Empty for a converted texture.</summary>
        public string Cloud = "";

        /// <summary>Code of a second cloud type that is mixed in, or empty.</summary>
        public string MixWith = "";

        /// <summary>Share of <see cref="MixWith"/>, 0 to 1.</summary>
        public double MixShare = 0.5;

        /// <summary>Which of the skies: a decimal number, 0 to 2^64 - 1, which the inspector cannot
        /// round when it is text.</summary>
        public string Seed = "0";

        /// <summary>Truncation, 0 (the average sky of its type) to 1 (the full variety).</summary>
        public double Psi = 0.8;

        /// <summary>How many pictures of the sky fill the circle, 1 to 8.</summary>
        public int Pictures = 4;

        /// <summary>What is below the horizon: "haze", "mirror" or a colour "#rrggbb".</summary>
        public string Below = "haze";

        /// <summary>How the textures are laid out.</summary>
        public SkyboxLayout Layout = SkyboxLayout.Panoramic;

        /// <summary>Pixels: the width of a panorama, the edge of a face in the other layouts.</summary>
        public int Size = 2048;

        /// <summary>Tint of the material; half grey leaves the sky as it is.</summary>
        public Color Tint = new Color(0.5f, 0.5f, 0.5f, 0.5f);

        /// <summary>Exposure of the material, 0 to 8.</summary>
        public float Exposure = 1f;

        /// <summary>Degrees, 0 to 360, by which the material turns the sky to the left.</summary>
        public float Rotation;

        /// <summary>GUID of the texture that the sky was converted from, or empty.</summary>
        public string SourceGuid = "";

        /// <summary>Name of the model that drew it, for people.</summary>
        public string ModelName = "";

        /// <summary>SHA-256 of the model file in hexadecimal: the same digest draws the same sky.</summary>
        public string ModelDigest = "";

        /// <summary>Release of the server that made it.</summary>
        public string ServerVersion = "";

        /// <summary>Unit vector towards the brightest place of the sky, before any rotation.</summary>
        public Vector3 SunDirection;

        /// <summary>0 (a sky without any brightest place) to 1 (a sun in the open).</summary>
        public float SunConfidence;

        /// <summary>Colour of its light in linear values, the largest of the three 1.</summary>
        public Color SunColour = new Color(1f, 1f, 1f, 1f);

        /// <summary>Whether the sky was made from a texture of the project, not drawn.</summary>
        public bool IsConverted
        {
            get { return !string.IsNullOrEmpty(SourceGuid); }
        }

        /// <summary>A copy that can be changed without changing this one.</summary>
        public SkyRecipe Clone()
        {
            return (SkyRecipe)MemberwiseClone();
        }
    }
}
