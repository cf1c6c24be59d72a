using System;
using System.Collections.Generic;
using System.Linq;
using SkyServer.V1;
using UnityEditor.UIElements;
using UnityEngine;
using UnityEngine.UIElements;

namespace SkyServer.Editor
{
    /// <summary>Fields for what the sky is, but for the cloud type: each shows the draft and changes it.</summary>
    public sealed class RecipeFields : VisualElement
    {
        private const string NoMix = "None", Haze = "Haze", Mirror = "Mirror", Colour = "Colour";
        private const string FirstColour = "#59636b"; // a ground in overcast light

        private readonly SkyboxSession _session;
        private readonly DropdownField _mixWith, _layout, _size, _below;
        private readonly Slider _mixShare, _psi;
        private readonly TextField _seed;
        private readonly Toggle _lock;
        private readonly ColorField _belowColour;

        /// <param name="session">Its draft is shown and changed.</param>
        public RecipeFields(SkyboxSession session)
        {
            _session = session;
            _mixWith = Fields.Choice(
                "mix-with", "Mix with", "A second cloud type that is mixed into the first.",
                choice => Edit(recipe => recipe.MixWith = CodeOf(choice)));
            _mixShare = Fields.Range(
                "mix-share", "Share", "How much of the second type: 0 none, 1 nothing else.", 0, 1,
                value => Edit(recipe => recipe.MixShare = value));
            _seed = Fields.Text(
                "seed", "Seed", "Which of the skies: the same number gives the same sky.", EnterSeed);
            _lock = Fields.Check(
                "lock-seed", "Lock", "Keep this seed; otherwise every sky gets a new one.",
                on => _session.Edit(draft => draft.LockSeed = on));
            _psi = Fields.Range(
                "psi", "Variation", "0 the average sky of its type, 1 the full variety.", 0, 1,
                value => Edit(recipe => recipe.Psi = value));
            _layout = Fields.Choice(
                "layout", "Layout", "How the textures are laid out: it decides the skybox shader.",
                choice => _session.SetLayout((SkyboxLayout)_layout.index));
            _layout.choices = new List<string> { "Panoramic", "6 Sided", "Cubemap" };
            _size = Fields.Choice("size", "Size", "Pixels of the panorama, or of each of the six faces.",
                choice => Edit(recipe => recipe.Size = (int)Sizes()[_size.index]));
            _below = Fields.Choice(
                "below", "Below horizon", "What stands where there is no sky.", SetBelow);
            _below.choices = new List<string> { Haze, Mirror, Colour };
            _belowColour = Fields.Colour("below-colour", "Colour", "The colour below the horizon.",
                colour => Edit(recipe => recipe.Below = ToText(colour)));
            Add(_mixWith);
            Add(_mixShare);
            Add(Fields.Row(_seed, Fields.Button("roll", "Roll", "A new random seed.", Roll), _lock));
            Add(_psi);
            Add(_layout);
            Add(_size);
            Add(_below);
            Add(_belowColour);
        }

        /// <summary>Shows the session as it is now.</summary>
        public void Refresh()
        {
            SkyDraft draft = _session.Draft;
            SkyRecipe recipe = draft.Recipe;
            RefreshOffer(recipe);
            Fields.Set(_mixShare, (float)recipe.MixShare);
            Fields.Show(_mixShare, recipe.MixWith.Length > 0);
            Fields.Set(_seed, recipe.Seed);
            Fields.Set(_lock, draft.LockSeed);
            Fields.Set(_psi, (float)recipe.Psi);
            Fields.Set(_layout, _layout.choices[(int)recipe.Layout]);
            RefreshBelow(recipe.Below);
        }

        private void RefreshOffer(SkyRecipe recipe)
        {
            DescribeResponse offer = _session.Link.Description;
            _mixWith.SetEnabled(offer != null);
            _size.SetEnabled(offer != null);
            if (offer == null)
            {
                return;
            }
            _psi.lowValue = (float)offer.Limits.MinPsi;
            _psi.highValue = (float)offer.Limits.MaxPsi;
            var names = new List<string> { NoMix };
            List<CloudType> clouds = _session.Link.Model.Clouds;
            names.AddRange(clouds.Where(cloud => cloud.Code != recipe.Cloud).Select(cloud => cloud.Name));
            _mixWith.choices = names;
            CloudType mixed = clouds.FirstOrDefault(cloud => cloud.Code == recipe.MixWith);
            Fields.Set(_mixWith, mixed == null ? NoMix : mixed.Name);
            bool flat = recipe.Layout == SkyboxLayout.Panoramic;
            _size.choices = Sizes()
                .Select(size => flat ? $"{size} x {size / 2}" : $"6 x {size} x {size}")
                .ToList();
            Fields.Set(_size, _size.choices[Math.Max(0, Sizes().IndexOf((uint)recipe.Size))]);
        }

        private void RefreshBelow(string below)
        {
            bool isColour = below.StartsWith("#", StringComparison.Ordinal);
            Fields.Set(_below, isColour ? Colour : below == "mirror" ? Mirror : Haze);
            Fields.Show(_belowColour, isColour);
            Color colour;
            if (isColour && ColorUtility.TryParseHtmlString(below, out colour))
            {
                Fields.Set(_belowColour, colour);
            }
        }

        /// <summary>A seed that somebody gave is meant to be used, so it is locked.</summary>
        private void EnterSeed(string text)
        {
            ulong seed;
            if (SkyDraft.TryParseSeed(text, out seed))
            {
                SetSeed(seed.ToString());
            }
            else
            {
                _session.Job.Tell($"\"{text}\" is no seed: enter a whole number from 0 to {ulong.MaxValue}.");
            }
        }

        private void Roll()
        {
            SetSeed(SkyDraft.RandomSeed());
        }

        private void SetSeed(string seed)
        {
            _session.Edit(draft =>
            {
                draft.Recipe.Seed = seed;
                draft.LockSeed = true;
            });
        }

        private void SetBelow(string choice)
        {
            Edit(recipe => recipe.Below = choice == Colour ? FirstColour : choice.ToLowerInvariant());
        }

        private static string ToText(Color colour)
        {
            return "#" + ColorUtility.ToHtmlStringRGB(colour).ToLowerInvariant();
        }

        private List<uint> Sizes()
        {
            return SkyDraft.Sizes(_session.Link.Description.Limits, _session.Draft.Recipe.Layout);
        }

        private string CodeOf(string name)
        {
            CloudType cloud = _session.Link.Model.Clouds.FirstOrDefault(known => known.Name == name);
            return cloud == null ? "" : cloud.Code;
        }

        private void Edit(Action<SkyRecipe> change)
        {
            _session.Edit(draft => change(draft.Recipe));
        }
    }
}
