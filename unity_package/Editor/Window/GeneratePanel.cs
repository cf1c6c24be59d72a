using System;
using System.Collections.Generic;
using UnityEngine;
using UnityEngine.UIElements;

namespace SkyServer.Editor
{
    /// <summary>
    /// The buttons that make skies, their progress, the variations to pick from, the outcome.
    /// </summary>
    public sealed class GeneratePanel : VisualElement, IDisposable
    {
        private readonly SkyboxSession _session;
        private readonly DecodedTextures _textures = new DecodedTextures();
        private readonly Button _generate, _vary, _cancel;
        private readonly ProgressBar _progress = new ProgressBar { name = "progress", highValue = 1 };
        private readonly VisualElement _variations = new VisualElement { name = "variations" };
        private readonly HelpBox _message = new HelpBox("", HelpBoxMessageType.Info) { name = "message" };
        private readonly List<SkyVariation> _shown = new List<SkyVariation>();

        /// <param name="session">Makes the skies.</param>
        public GeneratePanel(SkyboxSession session)
        {
            _session = session;
            _generate = Fields.Button(
                "generate", "Generate", "Make the sky and put it into the folder.", session.Generate);
            _generate.AddToClassList("sky-button--main");
            _vary = Fields.Button("vary", $"Generate {SkyMaker.VariationCount} variations",
                "Draw small skies with consecutive seeds; click one to make it in full.", session.GenerateVariations);
            _cancel = Fields.Button("cancel", "Cancel", "Stop; nothing is kept.", session.Job.Cancel);
            _variations.AddToClassList("sky-grid");
            Add(Fields.Row(_generate, _vary, _cancel));
            Add(_progress);
            Add(_message);
            Add(_variations);
        }

        /// <summary>Shows the session as it is now.</summary>
        public void Refresh()
        {
            SkyJob job = _session.Job;
            _generate.SetEnabled(_session.CanGenerate);
            _vary.SetEnabled(_session.CanGenerate);
            _variations.SetEnabled(_session.CanGenerate);
            _cancel.SetEnabled(job.IsRunning);
            Fields.Show(_progress, job.IsRunning);
            _progress.value = job.Fraction;
            _progress.title = job.Stage;
            Fields.Show(_message, job.Message.Length > 0);
            _message.text = job.Message;
            _message.messageType = job.HasFailed ? HelpBoxMessageType.Error : HelpBoxMessageType.Info;
            RefreshVariations();
        }

        /// <summary>Destroys the pictures.</summary>
        public void Dispose()
        {
            _textures.Dispose();
        }

        /// <summary>Variations come one by one: only new ones are decoded.</summary>
        private void RefreshVariations()
        {
            IList<SkyVariation> variations = _session.Maker.Variations;
            if (variations.Count < _shown.Count || (_shown.Count > 0 && variations[0] != _shown[0]))
            {
                _shown.Clear();
                _variations.Clear();
                _textures.Dispose();
            }
            for (int i = _shown.Count; i < variations.Count; i++)
            {
                _shown.Add(variations[i]);
                _variations.Add(Choice(variations[i], i));
            }
        }

        private Button Choice(SkyVariation variation, int index)
        {
            var button = new Button(() => _session.Choose(variation))
            {
                name = "variation-" + index,
                tooltip = $"Seed {variation.Recipe.Seed}: make it in full.",
            };
            button.AddToClassList("sky-variation");
            var picture = new Image
            {
                image = _textures.DecodeSmall(variation.Picture, 256),
                scaleMode = ScaleMode.ScaleAndCrop,
                pickingMode = PickingMode.Ignore,
            };
            picture.AddToClassList("sky-variation__picture");
            button.Add(picture);
            return button;
        }
    }
}
