using System;
using UnityEditor;
using UnityEditor.UIElements;
using UnityEngine.UIElements;

namespace SkyServer.Editor
{
    /// <summary>Fields for what becomes of the sky: its material, its folder, its place in the scene.</summary>
    public sealed class OutcomeFields : VisualElement
    {
        private readonly SkyboxSession _session;
        private readonly ColorField _tint;
        private readonly Slider _exposure, _rotation;
        private readonly TextField _folder;
        private readonly Toggle _apply, _align;

        /// <param name="session">Its draft is shown and changed.</param>
        public OutcomeFields(SkyboxSession session)
        {
            _session = session;
            _tint = Fields.Colour(
                "tint", "Tint", "Tint of the material; half grey leaves the sky as it is.",
                colour => session.Edit(draft => draft.Recipe.Tint = colour));
            _exposure = Fields.Range(
                "exposure", "Exposure", "Brightness of the material, 0 to 8.", 0, 8,
                value => session.Edit(draft => draft.Recipe.Exposure = value));
            _rotation = Fields.Range(
                "rotation", "Rotation", "Degrees by which the material turns the sky left.", 0, 360,
                value => session.Edit(draft => draft.Recipe.Rotation = value));
            _folder = Fields.Text("folder", "Folder", "Where skies are put, as in Assets/Skies.", EnterFolder);
            _apply = Fields.Check(
                "apply", "Apply to scene", "A finished sky becomes the scene's skybox; Undo takes it back.",
                on => session.Edit(draft => draft.ApplyToScene = on));
            _align = Fields.Check(
                "align", "Align sun", "The scene's sun follows the sky's, in its colour; Undo takes it back.",
                on => session.Edit(draft => draft.AlignSun = on));
            var material = new Foldout { text = "Material", value = false };
            material.Add(_tint);
            material.Add(_exposure);
            material.Add(_rotation);
            Add(material);
            Add(Fields.Row(_folder, Fields.Button("browse", "...", "Choose the folder.", Browse)));
            Add(Fields.Row(_apply, _align));
        }

        /// <summary>Shows the session as it is now.</summary>
        public void Refresh()
        {
            SkyDraft draft = _session.Draft;
            Fields.Set(_tint, draft.Recipe.Tint);
            Fields.Set(_exposure, draft.Recipe.Exposure);
            Fields.Set(_rotation, draft.Recipe.Rotation);
            Fields.Set(_folder, _session.Maker.Folder);
            Fields.Set(_apply, draft.ApplyToScene);
            Fields.Set(_align, draft.AlignSun);
        }

        private void EnterFolder(string text)
        {
            try
            {
                string folder = AssetNames.Folder(text);
                _session.Edit(draft => draft.Folder = folder);
            }
            catch (ArgumentException error)
            {
                _session.Job.Tell(error.Message);
            }
        }

        private void Browse()
        {
            string chosen = EditorUtility.OpenFolderPanel("Folder for skies", _session.Maker.Folder, "");
            if (!string.IsNullOrEmpty(chosen))
            {
                EnterFolder(FileUtil.GetProjectRelativePath(chosen));
            }
        }
    }
}
