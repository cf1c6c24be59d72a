using System;
using System.Linq;
using System.Threading;
using UnityEditor;
using UnityEngine;
using UnityEngine.Rendering;
using UnityEngine.Rendering.HighDefinition;
using UnityEngine.SceneManagement;

namespace SkyServer.Editor.HighDefinition
{
    /// <summary>Shows skies in HDRP: a volume profile with an HDRI Sky in place of a skybox material.</summary>
    /// <remarks>HDRP reads cubemaps only, and has no tint.</remarks>
    public sealed class HighDefinitionSky : IPipelineSky
    {
        private const string VolumeName = "SkyServer Sky";

        /// <inheritdoc/>
        public bool IsActive
        {
            get { return GraphicsSettings.currentRenderPipeline is HDRenderPipelineAsset; }
        }

        /// <inheritdoc/>
        public void CreateAssets(GeneratedSky sky, AssetTransaction transaction)
        {
            if (sky.Recipe.Layout != SkyboxLayout.Cubemap)
            {
                return;
            }
            string path = AssetDatabase.GetAssetPath(sky);
            path = path.Substring(0, path.LastIndexOf('.')) + " Volume Profile.asset";
            var profile = ScriptableObject.CreateInstance<VolumeProfile>();
            transaction.CreateAsset(profile, AssetDatabase.GenerateUniqueAssetPath(path));
            Add<VisualEnvironment>(profile).skyType.Override((int)SkyType.HDRI);
            var hdri = Add<HDRISky>(profile);
            hdri.hdriSky.Override(sky.Textures[0]);
            hdri.rotation.Override(sky.Material.GetFloat("_Rotation")); // to the left, as the shaders turn it
            hdri.exposure.Override(Stops(sky.Material.GetFloat("_Exposure")));
            sky.VolumeProfile = profile;
            EditorUtility.SetDirty(profile);
            EditorUtility.SetDirty(sky);
            AssetDatabase.SaveAssetIfDirty(profile);
            AssetDatabase.SaveAssetIfDirty(sky);
        }

        /// <inheritdoc/>
        public void Apply(GeneratedSky sky)
        {
            if (sky.Recipe.Layout != SkyboxLayout.Cubemap)
            {
                throw new InvalidOperationException(
                    $"HDRP shows cubemaps only: make {sky.name} again with the layout Cubemap.");
            }
            if (sky.VolumeProfile == null) // it was made before the project had HDRP
            {
                using (var transaction = new AssetTransaction(CancellationToken.None))
                {
                    CreateAssets(sky, transaction);
                    transaction.Keep();
                }
            }
            Volume volume = FindVolume();
            Undo.RecordObject(volume, "Apply Skybox");
            volume.sharedProfile = (VolumeProfile)sky.VolumeProfile;
        }

        [InitializeOnLoadMethod]
        private static void Register()
        {
            SceneSky.Pipeline = new HighDefinitionSky();
        }

        private static T Add<T>(VolumeProfile profile) where T : VolumeComponent
        {
            T component = profile.Add<T>();
            component.name = typeof(T).Name;
            component.hideFlags = HideFlags.HideInHierarchy | HideFlags.HideInInspector;
            AssetDatabase.AddObjectToAsset(component, profile);
            return component;
        }

        private static Volume FindVolume()
        {
            GameObject found = SceneManager.GetActiveScene().GetRootGameObjects()
                .FirstOrDefault(root => root.name == VolumeName && root.GetComponent<Volume>() != null);
            if (found == null)
            {
                found = new GameObject(VolumeName);
                found.AddComponent<Volume>().priority = 1f; // above the volume of HDRP's scene template
                Undo.RegisterCreatedObjectUndo(found, "Apply Skybox");
            }
            return found.GetComponent<Volume>();
        }

        // HDRP doubles the light with each stop; black has none.
        private static float Stops(float exposure)
        {
            return (float)Math.Log(Math.Max(exposure, 1e-3), 2);
        }
    }
}
