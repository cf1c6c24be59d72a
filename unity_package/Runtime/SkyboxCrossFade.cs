using System;
using UnityEngine;

namespace SkyServer
{
    /// <summary>
    /// Changes the scene's skybox gradually, as weather does. For the built-in pipeline and URP: HDRP has
    /// no skybox material, blend its volumes instead. Disabled, it gives the scene back the skybox that it
    /// found.
    /// </summary>
    [AddComponentMenu("SkyServer/Skybox Cross-Fade")]
    [DisallowMultipleComponent]
    public sealed class SkyboxCrossFade : MonoBehaviour
    {
        private const string ShaderName = "Skybox/SkyServer Cross-Fade";

        // A field, so that builds of scenes with this component contain the shader, and no others do.
        [SerializeField]
        private Shader shader;

        [SerializeField]
        [Tooltip("How the change proceeds: time, 0 to 1, to the share of the new sky, 0 to 1.")]
        private AnimationCurve curve = AnimationCurve.EaseInOut(0, 0, 1, 1);

        [SerializeField, Min(0.02f)]
        [Tooltip("Seconds between updates of ambient light and reflections during a change.")]
        private float ambientInterval = 0.2f;

        private SkyboxMix _mix;
        private Material _found;
        private Material _shown;
        private Material _target;
        private Material _next;
        private float _nextSeconds;
        private float _seconds;
        private float _elapsed;
        private float _sinceAmbient;

        /// <summary>Whether a change is going on.</summary>
        public bool IsFading { get; private set; }

        /// <summary>How the change proceeds: time, 0 to 1, to the share of the new sky, 0 to 1.</summary>
        public AnimationCurve Curve
        {
            get { return curve; }
            set { curve = value ?? throw new ArgumentNullException(nameof(value)); }
        }

        /// <summary>Changes to a generated sky. See <see cref="FadeTo(Material, float)"/>.</summary>
        /// <param name="sky">Its material is what will be shown.</param>
        /// <param name="seconds">Game time that the change takes.</param>
        public void FadeTo(GeneratedSky sky, float seconds)
        {
            if (sky == null)
            {
                throw new ArgumentNullException(nameof(sky));
            }
            FadeTo(sky.Material, seconds);
        }

        /// <summary>
        /// Changes to a skybox. During a change it waits for the end of that; of several that wait the last
        /// one wins. From a skybox that cannot be mixed (procedural, or none at all) the change is a cut.
        /// </summary>
        /// <param name="skybox">With the shader Skybox/Panoramic, Skybox/6 Sided or Skybox/Cubemap.</param>
        /// <param name="seconds">Game time that the change takes, 0 for a cut.</param>
        /// <exception cref="ArgumentException">The skybox cannot be mixed.</exception>
        /// <exception cref="InvalidOperationException">The component is disabled.</exception>
        public void FadeTo(Material skybox, float seconds)
        {
            if (skybox == null)
            {
                throw new ArgumentNullException(nameof(skybox));
            }
            if (!(seconds >= 0))
            {
                throw new ArgumentOutOfRangeException(nameof(seconds), seconds, "0 or more");
            }
            if (!SkyboxMix.CanShow(skybox))
            {
                throw new ArgumentException(
                    $"{skybox.name} has the shader {skybox.shader.name}: only Skybox/Panoramic "
                    + "(latitude-longitude, 360 degrees), Skybox/6 Sided and Skybox/Cubemap can be "
                    + "faded to.");
            }
            if (_mix == null)
            {
                throw new InvalidOperationException(
                    $"The SkyboxCrossFade of {name} is disabled: enable it first.");
            }
            _next = skybox;
            _nextSeconds = seconds;
            if (!IsFading)
            {
                BeginNext();
            }
        }

        internal void Advance(float deltaSeconds)
        {
            if (!IsFading)
            {
                return;
            }
            if (RenderSettings.skybox != _mix.Material)
            {
                // Somebody else has set a skybox, or another scene has become the active one: it stays.
                IsFading = false;
                _next = null;
                return;
            }
            _elapsed += deltaSeconds;
            _sinceAmbient += deltaSeconds;
            if (_elapsed >= _seconds)
            {
                Finish();
                return;
            }
            _mix.Show(Mathf.Clamp01(curve.Evaluate(_elapsed / _seconds)));
            if (_sinceAmbient < ambientInterval)
            {
                return;
            }
            _sinceAmbient = 0;
            DynamicGI.UpdateEnvironment();
        }

        private void Reset()
        {
            shader = Shader.Find(ShaderName);
        }

        private void OnEnable()
        {
            if (shader == null)
            {
                shader = Shader.Find(ShaderName);
            }
            if (shader == null)
            {
                Debug.LogError(
                    $"SkyboxCrossFade: this build has no {ShaderName}: add the component to a scene in the "
                    + "editor, or the shader to Project Settings > Graphics > Always Included Shaders.",
                    this);
                enabled = false;
                return;
            }
            _mix = new SkyboxMix(shader);
            _found = _shown = RenderSettings.skybox;
        }

        private void Update()
        {
            Advance(Time.deltaTime);
        }

        private void OnDisable()
        {
            if (_mix == null)
            {
                return;
            }
            if (RenderSettings.skybox == _mix.Material || RenderSettings.skybox == _shown)
            {
                RenderSettings.skybox = _found;
                DynamicGI.UpdateEnvironment();
            }
            IsFading = false;
            _next = null;
            _mix.Dispose();
            _mix = null;
        }

        private void BeginNext()
        {
            Material from = RenderSettings.skybox;
            _target = _next;
            _next = null;
            _seconds = _nextSeconds;
            _elapsed = 0;
            _sinceAmbient = 0;
            if (_seconds > 0 && from != _target && SkyboxMix.CanShow(from))
            {
                _mix.Take(from, _target);
                RenderSettings.skybox = _mix.Material;
                IsFading = true;
            }
            else
            {
                Finish();
            }
        }

        private void Finish()
        {
            IsFading = false;
            _shown = _target;
            RenderSettings.skybox = _target;
            DynamicGI.UpdateEnvironment();
            if (_next != null)
            {
                BeginNext();
            }
        }
    }
}
