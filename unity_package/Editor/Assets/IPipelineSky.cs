namespace SkyServer.Editor
{
    /// <summary>A render pipeline that draws its sky from something else than a skybox material.</summary>
    /// <remarks>Its code stands in an assembly of its own, which compiles only where the pipeline is
    /// installed and gives itself to <see cref="SceneSky.Pipeline"/>.</remarks>
    public interface IPipelineSky
    {
        /// <summary>Whether the project renders with it now.</summary>
        bool IsActive { get; }

        /// <summary>Makes what the pipeline needs beside the sky's other assets, if it can show the
        /// sky's layout, and stores it in the sky.</summary>
        void CreateAssets(GeneratedSky sky, AssetTransaction transaction);

        /// <summary>Shows a sky in the active scene, recording Undo.</summary>
        /// <exception cref="System.InvalidOperationException">It cannot show its layout.</exception>
        void Apply(GeneratedSky sky);
    }
}
