using System;
using System.Collections.Generic;
using System.Linq;
using SkyServer.V1;
using UnityEditor;
using UnityEngine;

namespace SkyServer.Editor
{
    /// <summary>A small look at what a seed gives.</summary>
    public sealed class SkyVariation
    {
        /// <summary>The recipe with the variation's own seed.</summary>
        public SkyRecipe Recipe;

        /// <summary>Its panorama as an encoded image.</summary>
        public byte[] Picture;
    }

    /// <summary>Has the server make skies and makes assets of them. Main thread only.</summary>
    public sealed class SkyMaker
    {
        /// <summary>So many variations are drawn.</summary>
        public const int VariationCount = 4;

        private const int PictureWidth = 1024; // pixels: sharp in the preview, decoded well within a frame

        private readonly ServerLink _link;
        private readonly SkyJob _job;
        private readonly SkyDraft _draft;
        private readonly SkyHistory _history;
        private readonly List<SkyVariation> _variations = new List<SkyVariation>();

        /// <param name="link">The server to ask.</param>
        /// <param name="job">Runs the calls and tells of them.</param>
        /// <param name="draft">Says what to make and what to do with it.</param>
        /// <param name="history">Remembers what was made.</param>
        public SkyMaker(ServerLink link, SkyJob job, SkyDraft draft, SkyHistory history)
        {
            _link = link;
            _job = job;
            _draft = draft;
            _history = history;
        }

        /// <summary>A sky was made; its panorama as an encoded image.</summary>
        public event Action<byte[]> Made;

        /// <summary>The variations to pick from, as far as they are there.</summary>
        public IList<SkyVariation> Variations
        {
            get { return _variations.AsReadOnly(); }
        }

        /// <summary>The folder that skies are put into, below Assets.</summary>
        public string Folder
        {
            get
            {
                bool chosen = !string.IsNullOrEmpty(_draft.Folder);
                return chosen ? _draft.Folder : SkyServerSettings.DefaultFolder;
            }
        }

        /// <summary>Makes the sky of the draft.</summary>
        public void Make()
        {
            Try(() => Draw(NewRecipe()));
        }

        /// <summary>Makes the sky of a recipe, with the model that it names.</summary>
        public void Make(SkyRecipe recipe)
        {
            Try(() => Draw(recipe));
        }

        /// <summary>Draws skies with consecutive seeds from the draft's on, as pictures only.</summary>
        public void DrawVariations()
        {
            _variations.Clear();
            Try(() => DrawVariation(NewRecipe()));
        }

        /// <summary>Makes a sky of the user's own picture, in the draft's layout and size.</summary>
        public void Convert(Texture2D texture)
        {
            Try(() =>
            {
                SkyRecipe recipe = NewRecipe();
                recipe.Cloud = recipe.MixWith = recipe.ModelName = recipe.ModelDigest = "";
                recipe.SourceGuid = AssetDatabase.AssetPathToGUID(AssetDatabase.GetAssetPath(texture));
                ConvertRequest request = SkyRequests.From(texture, recipe);
                request.Outputs.Add(PictureOutput());
                ISkyServer server = _link.Server;
                _job.Start<SkyResult>(
                    (progress, token) => server.ConvertAsync(request, progress, token),
                    result => Keep(result, recipe));
            });
        }

        /// <summary>What cannot end well is said before the server works for it.</summary>
        private void Try(Action start)
        {
            try
            {
                AssetNames.Folder(Folder);
                start();
            }
            catch (Exception error)
            {
                _job.Fail(error);
            }
        }

        private void Draw(SkyRecipe recipe)
        {
            GenerateRequest request = SkyRequests.From(recipe);
            request.Outputs.Add(PictureOutput());
            ISkyServer server = _link.Server;
            _job.Start<SkyResult>(
                (progress, token) => server.GenerateAsync(request, progress, token),
                result => Keep(result, recipe));
        }

        private void DrawVariation(SkyRecipe recipe)
        {
            GenerateRequest request = SkyRequests.From(recipe);
            request.Outputs.Clear();
            request.Outputs.Add(PictureOutput());
            ISkyServer server = _link.Server;
            _job.Start<SkyResult>(
                (progress, token) => server.GenerateAsync(request, progress, token),
                result => KeepVariation(result, recipe),
                _variations.Count,
                VariationCount);
        }

        private string KeepVariation(SkyResult result, SkyRecipe recipe)
        {
            _variations.Add(new SkyVariation { Recipe = recipe, Picture = result.Files[0].Data });
            if (_variations.Count < VariationCount)
            {
                SkyRecipe next = recipe.Clone();
                next.Seed = SkyDraft.SeedAfter(recipe.Seed);
                DrawVariation(next);
            }
            return "Pick the variation to make in full.";
        }

        /// <summary>The last file is the picture for the window; the others become assets.</summary>
        private string Keep(SkyResult result, SkyRecipe recipe)
        {
            int count = result.Files.Count - 1;
            var files = new SkyResult(result.Files.Take(count).ToList(), result.Facts);
            GeneratedSky sky = SkyAssets.Create(files, recipe, Folder);
            byte[] picture = result.Files[count].Data;
            _history.Add(sky, picture);
            Made?.Invoke(picture);
            return $"Made {AssetDatabase.GetAssetPath(sky)}.{Use(sky)}";
        }

        /// <summary>A sky that the scene cannot use is made all the same; says why, or nothing.</summary>
        private string Use(GeneratedSky sky)
        {
            try
            {
                using (new UndoStep("Apply Skybox"))
                {
                    if (_draft.ApplyToScene)
                    {
                        SceneSky.Apply(sky);
                    }
                    if (_draft.AlignSun)
                    {
                        SunAlignment.Align(sky, true);
                    }
                }
                bool reverts = Application.isPlaying && _draft.ApplyToScene;
                return reverts ? " The scene gets its old sky back when play mode ends." : "";
            }
            catch (InvalidOperationException error)
            {
                return " " + error.Message;
            }
        }

        /// <summary>The draft's recipe, for the model that the server has now.</summary>
        private SkyRecipe NewRecipe()
        {
            SkyRecipe recipe = _draft.Recipe.Clone();
            recipe.SourceGuid = "";
            recipe.ModelName = _link.Model.Name;
            recipe.ModelDigest = _link.Model.Digest;
            recipe.ServerVersion = _link.Description.ServerVersion;
            return recipe;
        }

        private Output PictureOutput()
        {
            return new Output
            {
                Layout = Layout.Panorama,
                Size = (uint)SkyDraft.Nearest(_link.Description.Limits.PanoramaWidths, PictureWidth),
                Format = Format.Jpg,
                Orientation = Orientation.Unity,
            };
        }
    }
}
