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
        private readonly List<Image> _pictures = new List<Image>();
        private DescribeResponse _offer;
        private IDictionary<string, byte[]> _shown;

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
            if (link.Description != null && link.Description != _offer)
            {
                _offer = link.Description;
                Rebuild();
            }
            if (_offer != null && link.Thumbnails != _shown)
            {
                _shown = link.Thumbnails;
                ShowPictures(_shown);
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
            _cells.Clear();
            _buttons.Clear();
            _pictures.Clear();
            _shown = null;
            foreach (CloudType cloud in _session.Link.Model.Clouds)
            {
                Button button = Cell(cloud);
                int index = _buttons.Count;
                button.RegisterCallback<KeyDownEvent>(evt => MoveFocus(evt, index));
                _buttons.Add(button);
                _cells.Add(button);
            }
        }

        /// <summary>They come after the names; the buttons stay, and with them the focus.</summary>
        private void ShowPictures(IDictionary<string, byte[]> encoded)
        {
            _textures.Dispose();
            for (int i = 0; i < _pictures.Count; i++)
            {
                byte[] picture;
                encoded.TryGetValue(_session.Link.Model.Clouds[i].Code, out picture);
                _pictures[i].image = _textures.Decode(picture);
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
            var picture = new Image
            {
                scaleMode = ScaleMode.ScaleAndCrop,
                pickingMode = PickingMode.Ignore,
            };
            picture.AddToClassList("sky-cell__picture");
            _pictures.Add(picture);
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
