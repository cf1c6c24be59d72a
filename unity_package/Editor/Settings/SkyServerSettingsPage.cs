using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using SkyServer.V1;
using UnityEditor;
using UnityEngine.UIElements;

namespace SkyServer.Editor
{
    /// <summary>The page Project Settings &gt; SkyServer.</summary>
    public sealed class SkyServerSettingsPage
    {
        /// <summary>Opens with <see cref="SettingsService.OpenProjectSettings"/>.</summary>
        public const string Path = "Project/SkyServer";

        private const string StylePath =
            "Packages/com.skyserver.skybox/Editor/Settings/SkyServerSettingsPage.uss";

        private static readonly int[] PanoramaWidths = { 512, 1024, 2048, 4096, 8192 };
        private static readonly int[] FaceSizes = { 128, 256, 512, 1024, 2048 };

        private readonly HelpBox _answer = new HelpBox("", HelpBoxMessageType.None) { name = "answer" };
        private CancellationTokenSource _test = new CancellationTokenSource();

        [SettingsProvider]
        internal static SettingsProvider CreateProvider()
        {
            var page = new SkyServerSettingsPage();
            return new SettingsProvider(Path, SettingsScope.Project)
            {
                label = "SkyServer",
                keywords = new[] { "skybox", "sky", "clouds", "server", "token", "python" },
                activateHandler = (search, root) => page.Show(root),
                deactivateHandler = () => page._test.Cancel(),
            };
        }

        private void Show(VisualElement root)
        {
            var style = AssetDatabase.LoadAssetAtPath<StyleSheet>(StylePath);
            if (style != null)
            {
                root.styleSheets.Add(style);
            }
            root.AddToClassList("skyserver-settings");
            var title = new Label("SkyServer");
            title.AddToClassList("skyserver-settings-title");
            root.Add(title);
            AddServer(root);
            AddDefaults(root);
        }

        private void AddServer(VisualElement root)
        {
            TextField token = null;
            AddText(root, "Address", "Where the server answers, as in " + SkyServerSettings.DefaultAddress,
                SkyServerSettings.Address.GetLeftPart(UriPartial.Authority),
                SettingsCheck.Address, text =>
                {
                    SkyServerSettings.Address = new Uri(text);
                    token.SetValueWithoutNotify(SkyServerSettings.Token);
                });
            token = AddText(root, "Token", "Only where the server at this address asks for one. Kept for "
                + "you alone, in the editor's preferences, and never in the project.",
                SkyServerSettings.Token, SettingsCheck.Token, text => SkyServerSettings.Token = text);
            token.isPasswordField = true;
            AddText(root, "Python", "Starts the local server. Empty: one that has skyserver is looked for. "
                + "Kept for you alone.",
                SkyServerSettings.PythonPath, SettingsCheck.PythonPath,
                text => SkyServerSettings.PythonPath = text);
            root.Add(new Button(TestConnection) { text = "Test connection", name = "test" });
            root.Add(_answer);
            Tell("", HelpBoxMessageType.None);
        }

        private static void AddDefaults(VisualElement root)
        {
            AddText(root, "Folder for skies", "New skies are made here, as in Assets/Skies",
                SkyServerSettings.DefaultFolder, SettingsCheck.Folder,
                text => SkyServerSettings.DefaultFolder = text);
            AddSize(root, "Panorama width", PanoramaWidths, SkyServerSettings.DefaultPanoramaWidth,
                size => SkyServerSettings.DefaultPanoramaWidth = size);
            AddSize(root, "Cube face size", FaceSizes, SkyServerSettings.DefaultFaceSize,
                size => SkyServerSettings.DefaultFaceSize = size);
        }

        private static TextField AddText(
            VisualElement root,
            string label,
            string tooltip,
            string value,
            Func<string, string> problemOf,
            Action<string> store)
        {
            var field = new TextField(label) { name = label, tooltip = tooltip, isDelayed = true };
            var problem = new HelpBox("", HelpBoxMessageType.Error) { name = label + " problem" };
            field.SetValueWithoutNotify(value);
            field.RegisterValueChangedCallback(change =>
            {
                string text = change.newValue.Trim();
                problem.text = problemOf(text) ?? "";
                SetShown(problem, problem.text.Length > 0);
                if (problem.text.Length == 0)
                {
                    store(text);
                }
            });
            SetShown(problem, false);
            root.Add(field);
            root.Add(problem);
            return field;
        }

        private static void AddSize(
            VisualElement root, string label, int[] sizes, int value, Action<int> store)
        {
            List<string> choices = sizes.Select(size => size.ToString()).ToList();
            var field = new DropdownField(label) { name = label, choices = choices };
            field.SetValueWithoutNotify(value.ToString());
            field.RegisterValueChangedCallback(change => store(int.Parse(change.newValue)));
            root.Add(field);
        }

        private void TestConnection()
        {
            _test.Cancel();
            _test = new CancellationTokenSource();
            CancellationToken token = _test.Token;
            Tell("Asking " + SkyServerSettings.Address, HelpBoxMessageType.Info);
            Task<DescribeResponse> asked;
            try
            {
                asked = new SkyServerClient(SkyServerSettings.Address, SkyServerSettings.Token)
                    .DescribeAsync(token);
            }
            catch (SkyServerException error)
            {
                Tell(error.Message, HelpBoxMessageType.Error);
                return;
            }
            asked.ContinueWith(
                done => MainThread.Post(() => Answered(done)), token,
                TaskContinuationOptions.None, TaskScheduler.Default);
        }

        private void Answered(Task<DescribeResponse> done)
        {
            if (done.IsFaulted)
            {
                Tell(done.Exception.GetBaseException().Message, HelpBoxMessageType.Error);
            }
            else if (!done.IsCanceled)
            {
                string models = string.Join(", ", done.Result.Models.Select(model => model.Name));
                Tell($"SkyServer {done.Result.ServerVersion} answers with {models}.", HelpBoxMessageType.Info);
            }
        }

        private void Tell(string text, HelpBoxMessageType type)
        {
            _answer.text = text;
            _answer.messageType = type;
            SetShown(_answer, text.Length > 0);
        }

        private static void SetShown(VisualElement element, bool shown)
        {
            element.EnableInClassList("skyserver-settings-hidden", !shown);
        }
    }
}
