using System;
using System.Collections.Generic;
using System.Linq;
using UnityEditor;
using UnityEngine;
using UnityEngine.SceneManagement;

namespace SkyServer.Editor
{
    /// <summary>Turns the sun of a scene to where the light of its sky comes from.</summary>
    public static class SunAlignment
    {
        /// <summary>Below this <see cref="SkyRecipe.SunConfidence"/> the brightest place of a sky is
        /// one of many, or hardly brighter than what is about it.</summary>
        public const float LeastConfidence = 0.25f;

        /// <summary>Whether a sky has a sun to turn a light to.</summary>
        /// <param name="sky">The sky, or null.</param>
        /// <param name="reason">Why not, one line for people; empty if it has.</param>
        public static bool CanAlign(GeneratedSky sky, out string reason)
        {
            reason = "";
            if (sky == null)
            {
                reason = "The scene's skybox is not one of SkyServer's: apply a generated sky first.";
            }
            else if (sky.Recipe.SunConfidence < LeastConfidence)
            {
                reason = $"{sky.name} has no clear sun (confidence {sky.Recipe.SunConfidence:0.00} of the "
                    + $"{LeastConfidence:0.00} that are needed): turn the light by hand.";
            }
            return reason.Length == 0;
        }

        /// <summary>Turns the scene's sun, one Undo step, and returns it.</summary>
        /// <param name="sky">The sky that the scene shows, with the rotation of its material.</param>
        /// <param name="withColour">Whether the light takes the colour of the sky's light too.</param>
        /// <exception cref="InvalidOperationException">The sky has no clear sun, or the scene has no
        /// directional light.</exception>
        public static Light Align(GeneratedSky sky, bool withColour)
        {
            string reason;
            if (!CanAlign(sky, out reason))
            {
                throw new InvalidOperationException(reason);
            }
            Light light = FindSun();
            if (light == null)
            {
                throw new InvalidOperationException(
                    "The scene has no directional light: add one from the menu GameObject > Light.");
            }
            using (new UndoStep("Align Sun With Skybox"))
            {
                Undo.RecordObject(light.transform, "Align Sun With Skybox");
                light.transform.rotation = Rotation(sky.Recipe.SunDirection, RotationOf(sky));
                if (withColour)
                {
                    Undo.RecordObject(light, "Align Sun With Skybox");
                    light.useColorTemperature = false; // it would tint the colour a second time
                    light.color = sky.Recipe.SunColour.gamma;
                }
                SceneSky.MarkActiveSceneDirty();
            }
            return light;
        }

        /// <summary>Rotation of a directional light that shines from the sun of a sky.</summary>
        /// <param name="sunDirection">Unit vector towards the sun in the sky as it was drawn.</param>
        /// <param name="skyRotation">Degrees of the material's _Rotation: it turns the sky to the
        /// left, where Unity's y angles turn to the right.</param>
        public static Quaternion Rotation(Vector3 sunDirection, float skyRotation)
        {
            return Quaternion.LookRotation(-(Quaternion.Euler(0f, -skyRotation, 0f) * sunDirection));
        }

        /// <summary>The scene's sun: the one in its lighting settings, or else the brightest
        /// directional light that is on, or null.</summary>
        public static Light FindSun()
        {
            if (RenderSettings.sun != null)
            {
                return RenderSettings.sun;
            }
            return LightsOfLoadedScenes()
                .Where(light => light.type == LightType.Directional && light.isActiveAndEnabled)
                .OrderByDescending(light => light.intensity)
                .FirstOrDefault();
        }

        private static IEnumerable<Light> LightsOfLoadedScenes()
        {
            for (int index = 0; index < SceneManager.sceneCount; index++)
            {
                Scene scene = SceneManager.GetSceneAt(index);
                if (!scene.isLoaded)
                {
                    continue;
                }
                foreach (GameObject root in scene.GetRootGameObjects())
                {
                    foreach (Light light in root.GetComponentsInChildren<Light>())
                    {
                        yield return light;
                    }
                }
            }
        }

        // The material's, as the user may have turned it since.
        private static float RotationOf(GeneratedSky sky)
        {
            return sky.Material != null ? sky.Material.GetFloat("_Rotation") : sky.Recipe.Rotation;
        }
    }
}
