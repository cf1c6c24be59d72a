using System;
using System.Diagnostics;
using UnityEditor;
using UnityEngine;
using UnityEngine.UIElements;

namespace SkyServer.Editor
{
    /// <summary>
    /// A look around in a panorama: drag or arrow keys turn, the wheel changes the field of view, Home
    /// looks ahead. It shows what a scene camera shows that looks the same way, drawn on the CPU a few
    /// rows per frame: coarse while it turns, fine when it rests.
    /// </summary>
    public sealed class SkyPreview : VisualElement, IDisposable
    {
        /// <summary>Time that one frame may take of the main thread.</summary>
        public const double BudgetMilliseconds = 5;

        /// <summary>Size of the fine picture in pixels.</summary>
        public const int Width = 320, Height = 180;

        private const int Coarse = 2; // pixels of the fine picture to one of the coarse
        private const double RestSeconds = 0.15;
        private const float KeyDegrees = 5;

        private readonly DecodedTextures _textures = new DecodedTextures();
        private readonly Image _image = new Image();
        private readonly Label _hint = new Label("The sky appears here");
        private readonly Stopwatch _watch = new Stopwatch();
        private readonly Texture2D _coarse, _fine;
        private readonly Color32[] _pixels = new Color32[Width * Height];
        private readonly Color32[] _coarsePixels = new Color32[Width * Height / (Coarse * Coarse)];
        private (PanoramaView, Color, float, float) _material;
        private byte[] _shown;
        private int _scale = Coarse, _row = Height;
        private bool _changedSince;
        private double _changedAt;

        /// <summary>An empty view.</summary>
        public SkyPreview()
        {
            name = "preview";
            AddToClassList("sky-preview");
            focusable = true;
            tooltip = "Drag or press the arrow keys to look around; the wheel zooms; Home looks along +Z.";
            _coarse = _textures.New(Width / Coarse, Height / Coarse);
            _fine = _textures.New(Width, Height);
            _image.scaleMode = ScaleMode.ScaleAndCrop;
            _image.pickingMode = PickingMode.Ignore;
            _image.AddToClassList("sky-preview__image");
            _hint.AddToClassList("sky-preview__hint");
            Add(_image);
            Add(_hint);
            RegisterCallback<PointerDownEvent>(OnPointerDown);
            RegisterCallback<PointerMoveEvent>(OnPointerMove);
            RegisterCallback<PointerUpEvent>(evt => this.ReleasePointer(evt.pointerId));
            RegisterCallback<WheelEvent>(OnWheel);
            RegisterCallback<KeyDownEvent>(OnKeyDown);
            RegisterCallback<NavigationMoveEvent>(KeepArrowKeys);
        }

        /// <summary>The camera; null while there is nothing to show.</summary>
        public PanoramaView View { get; private set; }

        /// <summary>Whether the fine picture is complete, or there is nothing to show.</summary>
        public bool IsFinished
        {
            get { return View == null || (_scale == 1 && _row == Height); }
        }

        /// <summary>Shows a panorama, as the camera stands; the same one again changes nothing.</summary>
        /// <param name="encoded">An encoded image; null for none.</param>
        public void Show(byte[] encoded)
        {
            if (encoded == _shown)
            {
                return;
            }
            _shown = encoded;
            PanoramaView before = View;
            Texture2D panorama = _textures.Decode(encoded);
            View = panorama == null
                ? null
                : new PanoramaView(panorama.GetPixels32(), panorama.width, panorama.height);
            if (panorama != null)
            {
                _textures.Destroy(panorama);
            }
            if (View != null && before != null)
            {
                View.Yaw = before.Yaw;
                View.Pitch = before.Pitch;
                View.FieldOfView = before.FieldOfView;
            }
            _image.image = null;
            Fields.Show(_hint, View == null);
            Redraw();
        }

        /// <summary>Shows the sky with the material's values; the same again changes nothing.</summary>
        public void SetMaterial(Color tint, float exposure, float rotation)
        {
            var material = (View, tint, exposure, rotation);
            if (View != null && !material.Equals(_material))
            {
                _material = material;
                View.Rotation = rotation;
                View.SetMaterial(tint, exposure, QualitySettings.activeColorSpace == ColorSpace.Linear);
                Redraw();
            }
        }

        /// <summary>Draws on; call it every frame.</summary>
        public void Tick()
        {
            if (View == null)
            {
                return;
            }
            _watch.Restart();
            int width = Width / _scale, height = Height / _scale;
            Color32[] pixels = _scale == 1 ? _pixels : _coarsePixels;
            bool drawing = _row < height;
            while (_row < height && _watch.Elapsed.TotalMilliseconds < BudgetMilliseconds)
            {
                View.DrawRow(pixels, width, height, _row++);
            }
            if (_row < height)
            {
                return;
            }
            if (drawing)
            {
                Present(_scale == 1 ? _fine : _coarse, pixels);
            }
            if (_changedSince)
            {
                Begin(Coarse);
            }
            else if (_scale != 1 && EditorApplication.timeSinceStartup - _changedAt > RestSeconds)
            {
                Begin(1);
            }
        }

        /// <summary>Destroys the textures.</summary>
        public void Dispose()
        {
            View = null;
            _image.image = null;
            _textures.Dispose();
        }

        private void Present(Texture2D texture, Color32[] pixels)
        {
            texture.SetPixels32(pixels);
            texture.Apply(false, false);
            _image.image = texture;
            _image.MarkDirtyRepaint();
        }

        /// <summary>
        /// A coarse picture that is being drawn is finished first, or fast dragging would show none.
        /// </summary>
        private void Redraw()
        {
            _changedAt = EditorApplication.timeSinceStartup;
            bool coarseUnderWay = _scale == Coarse && _row > 0 && _row < Height / Coarse;
            if (coarseUnderWay)
            {
                _changedSince = true;
            }
            else
            {
                Begin(Coarse);
            }
        }

        private void Begin(int scale)
        {
            _scale = scale;
            _row = 0;
            _changedSince = false;
        }

        private void OnPointerDown(PointerDownEvent evt)
        {
            if (evt.button == 0)
            {
                Focus();
                this.CapturePointer(evt.pointerId);
                evt.StopPropagation();
            }
        }

        private void OnPointerMove(PointerMoveEvent evt)
        {
            if (this.HasPointerCapture(evt.pointerId))
            {
                // The sky follows the hand: the angle of one pixel in the middle of the view, which is
                // as wide as the window and cropped in height.
                float height = Height * Mathf.Max(1, contentRect.width / Width);
                float degrees = View == null ? 0 : View.FieldOfView / height;
                Turn(-evt.deltaPosition.x * degrees, evt.deltaPosition.y * degrees);
            }
        }

        private void OnWheel(WheelEvent evt)
        {
            if (View != null)
            {
                View.FieldOfView += Mathf.Clamp(evt.delta.y, -3, 3) * 2;
                Redraw();
                evt.StopPropagation(); // or the window would scroll
            }
        }

        private void OnKeyDown(KeyDownEvent evt)
        {
            switch (evt.keyCode)
            {
                case KeyCode.LeftArrow: Turn(-KeyDegrees, 0); break;
                case KeyCode.RightArrow: Turn(KeyDegrees, 0); break;
                case KeyCode.UpArrow: Turn(0, KeyDegrees); break;
                case KeyCode.DownArrow: Turn(0, -KeyDegrees); break;
                case KeyCode.Home: LookAhead(); break;
                default: return;
            }
            evt.StopPropagation();
        }

        /// <summary>Newer editors move the focus with the arrows; Tab still leaves the view.</summary>
        private static void KeepArrowKeys(NavigationMoveEvent evt)
        {
            switch (evt.direction)
            {
                case NavigationMoveEvent.Direction.Left:
                case NavigationMoveEvent.Direction.Right:
                case NavigationMoveEvent.Direction.Up:
                case NavigationMoveEvent.Direction.Down:
                    evt.StopPropagation();
                    break;
            }
        }

        private void Turn(float right, float up)
        {
            if (View != null)
            {
                View.Yaw += right;
                View.Pitch += up;
                Redraw();
            }
        }

        private void LookAhead()
        {
            if (View != null)
            {
                View.Yaw = View.Pitch = 0;
                Redraw();
            }
        }
    }
}
