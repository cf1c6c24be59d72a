using System;
using System.Collections.Generic;
using SkyServer.V1;
using UnityEngine;
using UnityEngine.UIElements;

namespace SkyServer.Editor
{
    /// <summary>
    /// The cloud types as pictures with names; the chosen one's description stands below.
    /// </summary>
    public sealed class CloudTypeGrid : VisualElement, IDisposable
    {
        private readonly SkyboxSession _session;
        private readonly DecodedTextures _textures = new DecodedTextures();
        private readonly VisualElement _cells = new VisualElement();
        private readonly Label _description = new Label();
        private readonly List<Button> _buttons = new List<Button>();
        private DescribeResponse _offer;
        private IDictionary<string, byte[]> _pictures;

        /// <param name="session">Its server offers the types; its draft holds the chosen one.</param>
        public CloudTypeGrid(SkyboxSession session)
        {
            _session = session;
            _cells.AddToClassList("sky-grid");
            _description.AddToClassList("sky-grid__description");
            Add(_cells);
            Add(_description);
        }

        /// <summary>Shows the session as it is now.</summary>
        public void Refresh()
        {
            ServerLink link = _session.Link;
            if (link.Description != null && (link.Description != _offer || link.Thumbnails != _pictures))
            {
                _offer = link.Description;
                _pictures = link.Thumbnails;
                Rebuild();
            }
            if (_offer == null)
            {
                _description.text = "The cloud types appear when the server is there.";
                return;
            }
            for (int i = 0; i < _buttons.Count; i++)
            {
                CloudType cloud = link.Model.Clouds[i];
                bool chosen = cloud.Code == _session.Draft.Recipe.Cloud;
                _buttons[i].EnableInClassList("sky-chosen", chosen);
                if (chosen)
                {
                    _description.text = cloud.Description;
                }
            }
        }

        /// <summary>Destroys the pictures.</summary>
        public void Dispose()
        {
            _textures.Dispose();
        }

        private void Rebuild()
        {
            _textures.Dispose();
            _cells.Clear();
            _buttons.Clear();
            foreach (CloudType cloud in _session.Link.Model.Clouds)
            {
                Button button = Cell(cloud);
                int index = _buttons.Count;
                button.RegisterCallback<KeyDownEvent>(evt => MoveFocus(evt, index));
                _buttons.Add(button);
                _cells.Add(button);
            }
        }

        private Button Cell(CloudType cloud)
        {
            var button = new Button(() => _session.Edit(draft => draft.Recipe.Cloud = cloud.Code))
            {
                name = "cloud-" + cloud.Code,
                tooltip = $"{cloud.Name} ({cloud.Code}): {cloud.Description}",
            };
            button.AddToClassList("sky-cell");
            byte[] encoded;
            _pictures.TryGetValue(cloud.Code, out encoded);
            var picture = new Image
            {
                image = _textures.Decode(encoded),
                scaleMode = ScaleMode.ScaleAndCrop,
                pickingMode = PickingMode.Ignore,
            };
            picture.AddToClassList("sky-cell__picture");
            var name = new Label(cloud.Name) { pickingMode = PickingMode.Ignore };
            name.AddToClassList("sky-cell__name");
            button.Add(picture);
            button.Add(name);
            return button;
        }

        /// <summary>The arrows walk along the types, as in a list; Return chooses.</summary>
        private void MoveFocus(KeyDownEvent evt, int index)
        {
            bool forward = evt.keyCode == KeyCode.RightArrow || evt.keyCode == KeyCode.DownArrow;
            bool back = evt.keyCode == KeyCode.LeftArrow || evt.keyCode == KeyCode.UpArrow;
            if (forward || back)
            {
                int next = Mathf.Clamp(index + (forward ? 1 : -1), 0, _buttons.Count - 1);
                _buttons[next].Focus();
                evt.StopPropagation();
            }
        }
    }
}
