using UnityEditor;
using UnityEngine;
using UnityEngine.UIElements;

namespace SkyServer.Editor
{
    /// <summary>
    /// Window &gt; SkyServer &gt; Skybox Generator: shows a <see cref="SkyboxSession"/>.
    /// </summary>
    public sealed class SkyboxWindow : EditorWindow
    {
        private const string Title = "Skybox Generator";
        private const string StylePath = "Packages/com.skyserver.skybox/Editor/Window/SkyboxWindow.uss";
        private const string StateFolder = "Library/SkyServer"; // of the project, the working folder

        private CloudTypeGrid _clouds;
        private RecipeFields _recipe;
        private OutcomeFields _outcome;
        private GeneratePanel _generate;
        private SkyPreview _preview;
        private HistoryList _history;
        private ServerBar _server;
        private bool _changed = true;

        /// <summary>What the window shows.</summary>
        public SkyboxSession Session { get; private set; }

        /// <summary>Opens the window, or brings it to the front.</summary>
        public static SkyboxWindow Open()
        {
            return GetWindow<SkyboxWindow>(Title);
        }

        private static ISkyServer Connect()
        {
            return new SkyServerClient(SkyServerSettings.Address, SkyServerSettings.Token);
        }

        private void OnEnable()
        {
            minSize = new Vector2(320, 400);
            Session = new SkyboxSession(Connect, StateFolder);
            Session.Changed += Invalidate;
            SkyServerSettings.Changed += Reconnect;
            LocalServer.Changed += FollowLocalServer;
            EditorApplication.update += Tick;
            Session.Link.Connect();
        }

        private void OnDisable()
        {
            EditorApplication.update -= Tick;
            LocalServer.Changed -= FollowLocalServer;
            SkyServerSettings.Changed -= Reconnect;
            Session.Changed -= Invalidate;
            Session.Dispose();
            _clouds?.Dispose();
            _generate?.Dispose();
            _preview?.Dispose();
            _history?.Dispose();
        }

        private void CreateGUI()
        {
            var style = AssetDatabase.LoadAssetAtPath<StyleSheet>(StylePath);
            if (style != null)
            {
                rootVisualElement.styleSheets.Add(style);
            }
            rootVisualElement.AddToClassList("sky-window");
            _preview = new SkyPreview();
            _clouds = new CloudTypeGrid(Session);
            _recipe = new RecipeFields(Session);
            _outcome = new OutcomeFields(Session);
            _generate = new GeneratePanel(Session);
            _history = new HistoryList(Session);
            _server = new ServerBar(Session);
            var scroll = new ScrollView(ScrollViewMode.Vertical);
            scroll.AddToClassList("sky-scroll");
            foreach (VisualElement part in new VisualElement[] { _preview, _clouds, _recipe, _outcome, _history })
            {
                scroll.Add(part);
            }
            rootVisualElement.Add(scroll);
            rootVisualElement.Add(_generate); // stays in sight while the rest scrolls
            rootVisualElement.Add(_server);
        }

        private void Tick()
        {
            Session.Tick();
            if (_preview == null)
            {
                return;
            }
            if (_changed)
            {
                _changed = false;
                Refresh();
            }
            _preview.Tick();
            _history.Tick();
        }

        private void Refresh()
        {
            SkyRecipe recipe = Session.Draft.Recipe;
            _clouds.Refresh();
            _recipe.Refresh();
            _outcome.Refresh();
            _generate.Refresh();
            _history.Refresh();
            _server.Refresh();
            _preview.Show(Session.Picture);
            _preview.SetMaterial(recipe.Tint, recipe.Exposure, recipe.Rotation);
        }

        private void Invalidate()
        {
            _changed = true;
        }

        private void Reconnect()
        {
            if (!Session.Job.IsRunning)
            {
                Session.Link.Connect();
            }
        }

        private void FollowLocalServer()
        {
            Invalidate();
            LocalServerState local = LocalServer.State;
            if (local == LocalServerState.Running || local == LocalServerState.External)
            {
                Reconnect();
            }
        }
    }
}
