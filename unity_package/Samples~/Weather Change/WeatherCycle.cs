using System;
using System.Collections;
using UnityEngine;

namespace SkyServer.Samples
{
    /// <summary>Goes through a list of weathers for ever: the sky cross-fades, the sun follows.</summary>
    public sealed class WeatherCycle : MonoBehaviour
    {
        [Serializable]
        private struct Weather
        {
            public Material Sky;
            public float Sunlight;
        }

        [SerializeField]
        private SkyboxCrossFade crossFade;

        [SerializeField]
        private Light sun;

        [SerializeField]
        private Weather[] weathers;

        [SerializeField, Min(0), Tooltip("Seconds that a weather stays.")]
        private float stay = 4;

        [SerializeField, Min(0.1f), Tooltip("Seconds that a change takes.")]
        private float change = 8;

        private IEnumerator Start()
        {
            // Shows what the sky does to light. Made here, it has the pipeline's own material.
            GameObject.CreatePrimitive(PrimitiveType.Sphere);
            for (int i = 1; ; i = (i + 1) % weathers.Length)
            {
                yield return new WaitForSeconds(stay);
                crossFade.FadeTo(weathers[i].Sky, change);
                float sunlight = weathers[i].Sunlight;
                float speed = Mathf.Abs(sunlight - sun.intensity) / change;
                while (crossFade.IsFading)
                {
                    sun.intensity = Mathf.MoveTowards(sun.intensity, sunlight, speed * Time.deltaTime);
                    yield return null;
                }
            }
        }
    }
}
