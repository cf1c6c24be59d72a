using System;
using System.Linq;
using UnityEditor;
using UnityEngine;

namespace SkyServer.Editor
{
    /// <summary>
    /// The menu items. Those that need the server work in the window, where progress and errors show.
    /// </summary>
    public static class SkyMenus
    {
        private const string CreateItem = "Assets/Create/SkyServer/Skybox from Cloud Type";
        private const string ConvertItem = "Assets/Convert to Skybox";
        private const string AlignItem = "GameObject/Light/Align Sun With Skybox";

        [MenuItem("Window/SkyServer/Skybox Generator")]
        private static void OpenWindow()
        {
            SkyboxWindow.Open();
        }

        /// <summary>With the window's last settings, into the folder that is selected.</summary>
        [MenuItem(CreateItem)]
        private static void CreateSkybox()
        {
            SkyboxSession session = SkyboxWindow.Open().Session;
            string folder = SelectedFolder();
            if (folder.Length > 0)
            {
                session.Edit(draft => draft.Folder = folder);
            }
            session.WhenReady(session.Generate);
        }

        [MenuItem(ConvertItem)]
        private static void ConvertTexture()
        {
            var texture = (Texture2D)Selection.activeObject;
            SkyboxSession session = SkyboxWindow.Open().Session;
            session.WhenReady(() => session.Maker.Convert(texture));
        }

        [MenuItem(ConvertItem, true)]
        private static bool CanConvertTexture()
        {
            return Selection.activeObject is Texture2D && AssetDatabase.Contains(Selection.activeObject);
        }

        [MenuItem(AlignItem)]
        private static void AlignSun()
        {
            try
            {
                SunAlignment.Align(SelectedOrShownSky(), true);
            }
            catch (InvalidOperationException error)
            {
                EditorUtility.DisplayDialog("Align Sun With Skybox", error.Message, "OK");
            }
        }

        [MenuItem(AlignItem, true)]
        private static bool CanAlignSun()
        {
            string reason;
            return SunAlignment.CanAlign(SelectedOrShownSky(), out reason);
        }

        /// <summary>
        /// The selected folder, or that of the selected asset; empty for none in Assets.
        /// </summary>
        private static string SelectedFolder()
        {
            string path = AssetDatabase.GetAssetPath(Selection.activeObject);
            if (path != "Assets" && !path.StartsWith("Assets/", StringComparison.Ordinal))
            {
                return "";
            }
            return AssetDatabase.IsValidFolder(path) ? path : AssetNames.ParentOf(path);
        }

        /// <summary>
        /// The sky that is selected, or else the one whose material the scene has; null for none.
        /// </summary>
        private static GeneratedSky SelectedOrShownSky()
        {
            var selected = Selection.activeObject as GeneratedSky;
            Material shown = RenderSettings.skybox;
            if (selected != null || shown == null)
            {
                return selected;
            }
            string path = AssetDatabase.GetAssetPath(shown);
            if (!path.StartsWith("Assets/", StringComparison.Ordinal))
            {
                return null; // the engine's own
            }
            return AssetDatabase.FindAssets("t:GeneratedSky", new[] { AssetNames.ParentOf(path) })
                .Select(AssetDatabase.GUIDToAssetPath)
                .Select(AssetDatabase.LoadAssetAtPath<GeneratedSky>)
                .FirstOrDefault(sky => sky.Material == shown);
        }
    }
}
