using UnityEngine;

namespace SkyServer
{
    /// <summary>The asset that holds a sky together: what it was made from and what was made of it.</summary>
    public sealed class GeneratedSky : ScriptableObject
    {
        /// <summary>What the sky was made from.</summary>
        public SkyRecipe Recipe = new SkyRecipe();

        /// <summary>The skybox material.</summary>
        public Material Material;

        /// <summary>One panorama, one cubemap, or six faces +X -X +Y -Y +Z -Z.</summary>
        public Texture[] Textures = new Texture[0];

        /// <summary>The volume profile that shows the sky in HDRP, or null.</summary>
        public ScriptableObject VolumeProfile;
    }
}
