namespace SkyServer
{
    /// <summary>How the textures of a skybox are laid out, and with it which shader shows them.</summary>
    public enum SkyboxLayout
    {
        /// <summary>One equirectangular texture, twice as wide as high: Skybox/Panoramic.</summary>
        Panoramic,

        /// <summary>Six square textures, +X -X +Y -Y +Z -Z: Skybox/6 Sided.</summary>
        SixSided,

        /// <summary>One cubemap: Skybox/Cubemap, reflections, and HDRP's sky.</summary>
        Cubemap,
    }
}
