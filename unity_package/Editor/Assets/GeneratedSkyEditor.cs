using System;
using UnityEditor;
using UnityEngine;
using UnityEngine.UIElements;

namespace SkyServer.Editor
{
    /// <summary>The inspector of a sky: what it is, and what can be done with it.</summary>
    [CustomEditor(typeof(GeneratedSky))]
    public sealed class GeneratedSkyEditor : UnityEditor.Editor
    {
        private const float PreviewHeight = 160f; // pixels

        // Work that goes on when the user selects something else.
        private readonly SkyJob _job = new SkyJob();

        private Button _again;
        private Button _cancel;
        private Label _message;

        private GeneratedSky Sky
        {
            get { return (GeneratedSky)target; }
        }

        /// <inheritdoc/>
        public override VisualElement CreateInspectorGUI()
        {
            var root = new VisualElement();
            AddPreview(root);
            foreach (string fact in SkyFacts.Of(Sky.Recipe))
            {
                root.Add(new Label(fact));
            }
            root.Add(NewButton("Apply to Scene", () => SceneSky.Apply(Sky)));
            root.Add(NewButton("Align Sun", () => SunAlignment.Align(Sky, true)));
            _again = NewButton("Make Again", MakeAgain);
            _cancel = NewButton("Cancel", _job.Cancel);
            _message = new Label();
            _message.style.whiteSpace = WhiteSpace.Normal;
            root.Add(_again);
            root.Add(_cancel);
            root.Add(NewButton("Reveal", Reveal));
            root.Add(_message);
            Show();
            return root;
        }

        private void OnEnable()
        {
            _job.Changed += Show;
        }

        private void OnDisable()
        {
            _job.Changed -= Show;
        }

        // A cubemap has no flat picture; Unity previews it below the inspector of its texture.
        private void AddPreview(VisualElement root)
        {
            bool isFlat = Sky.Textures.Length > 0 && Sky.Textures[0] is Texture2D;
            if (isFlat)
            {
                var image = new Image { image = Sky.Textures[0], scaleMode = ScaleMode.ScaleToFit };
                image.style.height = PreviewHeight;
                root.Add(image);
            }
        }

        private Button NewButton(string text, Action action)
        {
            return new Button(() => Try(action)) { text = text };
        }

        private void Try(Action action)
        {
            try
            {
                action();
            }
            catch (Exception error) // a button tells of every failure, as the job does
            {
                _job.Fail(error);
            }
        }

        private void MakeAgain()
        {
            var server = new SkyServerClient(SkyServerSettings.Address, SkyServerSettings.Token);
            SkyRemake.Start(server, _job, Sky);
        }

        private void Reveal()
        {
            EditorUtility.RevealInFinder(AssetDatabase.GetAssetPath(Sky));
        }

        private void Show()
        {
            if (_message == null)
            {
                return; // the inspector is not on screen yet
            }
            _again.SetEnabled(!_job.IsRunning);
            _cancel.SetEnabled(_job.IsRunning);
            _message.text = _job.IsRunning ? $"{_job.Stage} ({_job.Fraction:P0})" : _job.Message;
        }
    }
}
