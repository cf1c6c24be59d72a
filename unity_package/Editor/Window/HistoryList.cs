using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using UnityEditor;
using UnityEngine;
using UnityEngine.UIElements;

namespace SkyServer.Editor
{
    /// <summary>
    /// The skies made so far, each with its settings: to use again, to find, to delete.
    /// </summary>
    public sealed class HistoryList : Foldout, IDisposable
    {
        private const int PictureWidth = 96; // pixels

        private readonly SkyboxSession _session;
        private readonly DecodedTextures _textures = new DecodedTextures();
        private readonly Queue<Action> _undecoded = new Queue<Action>();
        private List<string> _ids;
        private List<bool> _exist = new List<bool>();

        /// <param name="session">Its history is shown.</param>
        public HistoryList(SkyboxSession session)
        {
            _session = session;
            name = "history";
            EditorApplication.projectChanged += Recheck;
        }

        /// <summary>Shows the session as it is now.</summary>
        public void Refresh()
        {
            List<string> ids = _session.History.Entries.Select(entry => entry.Id).ToList();
            if (_ids == null || !ids.SequenceEqual(_ids))
            {
                _ids = ids;
                Rebuild(Existing());
            }
        }

        /// <summary>Decodes the next picture; call it every frame.</summary>
        public void Tick()
        {
            if (_undecoded.Count > 0)
            {
                _undecoded.Dequeue()();
            }
        }

        /// <summary>Destroys the pictures.</summary>
        public void Dispose()
        {
            EditorApplication.projectChanged -= Recheck;
            _undecoded.Clear();
            _textures.Dispose();
        }

        /// <summary>Assets may be deleted in the project view at any time.</summary>
        private void Recheck()
        {
            List<bool> exist = Existing();
            if (!exist.SequenceEqual(_exist))
            {
                Rebuild(exist);
            }
        }

        private List<bool> Existing()
        {
            return _session.History.Entries.Select(entry => entry.AssetExists).ToList();
        }

        private void Rebuild(List<bool> exist)
        {
            _exist = exist;
            text = $"History ({exist.Count})";
            _textures.Dispose();
            _undecoded.Clear();
            Clear();
            for (int i = 0; i < exist.Count; i++)
            {
                Add(Row(_session.History.Entries[i], exist[i]));
            }
        }

        private VisualElement Row(SkyHistoryEntry entry, bool exists)
        {
            var picture = new Image { scaleMode = ScaleMode.ScaleAndCrop };
            picture.AddToClassList("sky-history__picture");
            _undecoded.Enqueue(() =>
                picture.image = _textures.DecodeSmall(_session.History.ReadPicture(entry), PictureWidth));
            Button reuse = Fields.Button(
                "reuse", "Reuse", "Set the window to what this sky was made from.",
                () => _session.Reuse(entry));
            reuse.SetEnabled(!entry.Recipe.IsConverted);
            Button reveal = Fields.Button(
                "reveal", "Reveal", "Show the asset in the project view.", () => Reveal(entry));
            reveal.SetEnabled(exists);
            Button delete = Fields.Button("delete", exists ? "Delete" : "Forget",
                exists ? "Delete the files of this sky." : "Take it out of this list.", () => Delete(entry));
            var about = new VisualElement();
            about.AddToClassList("sky-history__about");
            about.Add(new Label(exists ? entry.Name : entry.Name + " (deleted)"));
            about.Add(new Label(Describe(entry)));
            about.Add(Fields.Row(reuse, reveal, delete));
            return Fields.Row(picture, about);
        }

        private static string Describe(SkyHistoryEntry entry)
        {
            DateTime made;
            bool dated = DateTime.TryParse(
                entry.Created, CultureInfo.InvariantCulture, DateTimeStyles.None, out made);
            string date = dated ? made.ToString("g") : entry.Created;
            SkyRecipe recipe = entry.Recipe;
            return recipe.IsConverted
                ? $"{recipe.Layout} {recipe.Size}, converted, {date}"
                : $"{recipe.Layout} {recipe.Size}, variation {recipe.Psi:0.##}, {date}";
        }

        private static void Reveal(SkyHistoryEntry entry)
        {
            GeneratedSky sky = entry.LoadAsset();
            Selection.activeObject = sky;
            EditorGUIUtility.PingObject(sky);
        }

        private void Delete(SkyHistoryEntry entry)
        {
            GeneratedSky sky = entry.LoadAsset();
            if (sky != null)
            {
                if (!EditorUtility.DisplayDialog(
                    "Delete skybox",
                    $"Delete {entry.Name} with its textures and material? This cannot be undone.",
                    "Delete",
                    "Cancel"))
                {
                    return;
                }
                SkyAssets.Delete(sky);
            }
            _session.Forget(entry);
        }
    }
}
