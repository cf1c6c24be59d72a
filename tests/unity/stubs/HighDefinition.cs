// Stubs of the render pipelines' volumes and of HDRP's sky: what the package's HDRP assembly uses.
using System.Collections.Generic;
using System.Linq;

namespace UnityEngine.Rendering
{
    public partial class RenderPipelineAsset : ScriptableObject
    {
    }

    public static class GraphicsSettings
    {
        /// <summary>Null is the built-in pipeline.</summary>
        public static RenderPipelineAsset currentRenderPipeline { get; set; }
    }

    public class VolumeParameter<T>
    {
        public T value { get; private set; }

        public bool overrideState { get; private set; }

        public void Override(T x)
        {
            value = x;
            overrideState = true;
        }
    }

    public partial class VolumeComponent : ScriptableObject
    {
        public bool active = true;
    }

    public sealed partial class VolumeProfile : ScriptableObject
    {
        public List<VolumeComponent> components = new List<VolumeComponent>();

        public T Add<T>(bool overrides = false) where T : VolumeComponent
        {
            T component = CreateInstance<T>();
            components.Add(component);
            return component;
        }

        public bool TryGet<T>(out T component) where T : VolumeComponent
        {
            component = components.OfType<T>().FirstOrDefault();
            return component != null;
        }
    }

    public sealed partial class Volume : Behaviour
    {
        public float priority;
        public VolumeProfile sharedProfile;

        public bool isGlobal { get; set; } = true;
    }
}

namespace UnityEngine.Rendering.HighDefinition
{
    public sealed partial class HDRenderPipelineAsset : RenderPipelineAsset
    {
    }

    public enum SkyType
    {
        HDRI = 1,
        Gradient = 3,
        PhysicallyBased = 4,
    }

    public sealed partial class VisualEnvironment : VolumeComponent
    {
        public VolumeParameter<int> skyType = new VolumeParameter<int>();
    }

    public abstract partial class SkySettings : VolumeComponent
    {
        public VolumeParameter<float> rotation = new VolumeParameter<float>();
        public VolumeParameter<float> exposure = new VolumeParameter<float>();
    }

    public sealed partial class HDRISky : SkySettings
    {
        public VolumeParameter<Texture> hdriSky = new VolumeParameter<Texture>();
    }
}
