using System;
using UnityEditor;
using UnityEditor.SceneManagement;
using UnityEngine;
using UnityEngine.SceneManagement;

namespace SkyServer.Editor
{
    /// <summary>Puts a sky into the open scene.</summary>
    public static class SceneSky
    {
        private static Material _lighting; // the skybox that the scene was last lit with

        /// <summary>What shows the sky in place of RenderSettings.skybox, or null.</summary>
        public static IPipelineSky Pipeline { get; set; }

        /// <summary>Whether <see cref="Pipeline"/> has to show the sky now.</summary>
        public static bool IsPipelineActive
        {
            get { return Pipeline != null && Pipeline.IsActive; }
        }

        /// <summary>Shows a sky in the active scene and lights the scene with it: one Undo step.</summary>
        /// <exception cref="InvalidOperationException">Its assets were deleted, or the render
        /// pipeline cannot show its layout.</exception>
        public static void Apply(GeneratedSky sky)
        {
            if (sky.Material == null)
            {
                throw new InvalidOperationException(
                    $"The material of {sky.name} was deleted: make the sky again.");
            }
            using (new UndoStep("Apply Skybox"))
            {
                if (IsPipelineActive)
                {
                    Pipeline.Apply(sky);
                }
                else
                {
                    // Each loaded scene has its own; Undo keeps only what changes, the active one's.
                    Undo.RecordObjects(Resources.FindObjectsOfTypeAll<RenderSettings>(), "Apply Skybox");
                    RenderSettings.skybox = sky.Material;
                }
                MarkActiveSceneDirty();
            }
            LightScene();
        }

        /// <summary>Tells the editor that the active scene is to be saved, unless the game runs.</summary>
        public static void MarkActiveSceneDirty()
        {
            if (!Application.isPlaying)
            {
                EditorSceneManager.MarkSceneDirty(SceneManager.GetActiveScene());
            }
        }

        // Undo gives the scene its old skybox back, but does not light it anew.
        [InitializeOnLoadMethod]
        private static void FollowUndo()
        {
            Undo.undoRedoPerformed += () =>
            {
                if (_lighting != null && RenderSettings.skybox != _lighting)
                {
                    LightScene();
                }
            };
        }

        private static void LightScene()
        {
            _lighting = RenderSettings.skybox;
            DynamicGI.UpdateEnvironment();
        }
    }
}
