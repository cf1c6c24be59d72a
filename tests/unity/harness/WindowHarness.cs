using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using SkyServer;
using SkyServer.Editor;
using UnityEditor;
using UnityEngine;
using UnityEngine.UIElements;
using Debug = UnityEngine.Debug;

// An editor without a screen whose user works in the window: each line of standard input is something
// that he does, with tabs between the words; the answer is a line of JSON. See window_editor.py.
internal static class WindowHarness
{
    private const double Patience = 60; // seconds

    private static double slowestFrame;
    private static SkyPreview shown;

    private static SkyboxWindow Window
    {
        get { return EditorWindow.HasOpenInstances<SkyboxWindow>() ? SkyboxWindow.Open() : null; }
    }

    private static void Main()
    {
        Directory.CreateDirectory("Assets");
        AssetDatabase.Refresh();
        EditorLoop.Load(typeof(SkyboxWindow).Assembly);
        for (string line = Console.ReadLine(); line != null; line = Console.ReadLine())
        {
            string[] words = line.Split('\t');
            bool done = Do(words[0], words.Skip(1).ToArray());
            Console.WriteLine(JsonUtility.ToJson(Report.Of(Window, shown, done, slowestFrame)));
        }
        EditorLoop.Quit();
    }

    private static bool Do(string verb, string[] words)
    {
        switch (verb)
        {
            case "menu": return EditorUser.ChooseMenu(typeof(SkyboxWindow).Assembly, words[0]);
            case "enabled": return EditorUser.IsMenuEnabled(typeof(SkyboxWindow).Assembly, words[0]);
            case "select": Selection.activeObject = Load(words[0]); return Selection.activeObject != null;
            case "setting": Set(words[0], words[1]); break;
            case "click": ((Button)Find(words[0])).Click(); break;
            case "enter": Enter(Find(words[0]), words[1]); break;
            case "key": Find(words[0]).SendEvent(new KeyDownEvent { keyCode = Parse<KeyCode>(words[1]) }); break;
            case "drag": Drag(float.Parse(words[0]), float.Parse(words[1])); break;
            case "wheel": shown.SendEvent(new WheelEvent { delta = new Vector3(0, float.Parse(words[0]), 0) }); break;
            case "until": Until(() => Window.Session.State == Parse<SkySessionState>(words[0])); break;
            case "until-stage": Until(() => Window.Session.Job.Stage.StartsWith(words[0])); break;
            case "thumbnails": Until(() => Window.Session.Link.Thumbnails.Count > 0); break;
            case "drawn": Until(() => shown.IsFinished); break;
            case "agree": EditorUser.Agrees = bool.Parse(words[0]); break;
            case "choose": EditorUser.Chooses = words[0]; break;
            case "import": Import(words[0], words[1]); break;
            case "delete": AssetDatabase.DeleteAsset(words[0]); EditorUser.ChangeProject(); break;
            case "show": Show(words[0]); break;
            case "picture": Save(words[0]); break;
            case "sun": SunOf(Window.Session.History.Entries[0].LoadAsset(), float.Parse(words[0])); break;
            case "light": RenderSettings.sun = new GameObject("Sun").AddComponent<Light>(); break;
            case "play": Application.isPlaying = bool.Parse(words[0]); break;
            case "undo": Undo.PerformUndo(); break;
            case "close": Window.Close(); break;
            case "reload": EditorLoop.BeforeReload(); Window.Close(); break;
            case "wait": Wait(double.Parse(words[0])); break;
            default: throw new ArgumentException(verb);
        }
        Frame();
        return true;
    }

    /// <summary>A preview beside the window's, whose picture is always the session's.</summary>
    private static void Show(string path)
    {
        SkyRecipe recipe = Window.Session.Draft.Recipe;
        shown = new SkyPreview { name = "shown" };
        Window.rootVisualElement.Add(shown);
        shown.Show(File.ReadAllBytes(path));
        shown.SetMaterial(recipe.Tint, recipe.Exposure, recipe.Rotation);
    }

    private static void SunOf(GeneratedSky sky, float confidence)
    {
        sky.Recipe.SunConfidence = confidence;
        sky.Recipe.SunDirection = new Vector3(0, 0, -1);
    }

    private static void Import(string file, string folder)
    {
        Directory.CreateDirectory(folder);
        File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        AssetDatabase.Refresh();
    }

    private static T Parse<T>(string name)
    {
        return (T)Enum.Parse(typeof(T), name);
    }

    private static UnityEngine.Object Load(string path)
    {
        return path.Length == 0 ? null : AssetDatabase.LoadAssetAtPath<UnityEngine.Object>(path);
    }

    /// <summary>An element by its name, or by the names of its parents and its own.</summary>
    private static VisualElement Find(string path)
    {
        VisualElement at = Window.rootVisualElement;
        foreach (string name in path.Split('/'))
            at = at.Q<VisualElement>(name);
        if (at == null)
            throw new ArgumentException("no element " + path);
        return at;
    }

    private static void Set(string setting, string value)
    {
        if (setting == "address")
            SkyServerSettings.Address = new Uri(value);
        else if (setting == "folder")
            SkyServerSettings.DefaultFolder = value;
        else if (setting == "width")
            SkyServerSettings.DefaultPanoramaWidth = int.Parse(value);
        else
            SkyServerSettings.DefaultFaceSize = int.Parse(value);
    }

    private static void Enter(VisualElement field, string value)
    {
        Color colour;
        if (field is Slider)
            ((Slider)field).value = float.Parse(value);
        else if (field is Toggle)
            ((Toggle)field).value = bool.Parse(value);
        else if (field is BaseField<Color> && ColorUtility.TryParseHtmlString(value, out colour))
            ((BaseField<Color>)field).value = colour;
        else
            ((BaseField<string>)field).value = value;
    }

    private static void Drag(float right, float down)
    {
        shown.SendEvent(new PointerDownEvent());
        shown.SendEvent(new PointerMoveEvent { deltaPosition = new Vector3(right, down, 0) });
        shown.SendEvent(new PointerUpEvent());
        shown.SendEvent(new PointerMoveEvent { deltaPosition = new Vector3(500, 500, 0) }); // not dragging
    }

    /// <summary>What the preview shows, as a PPM file.</summary>
    private static void Save(string path)
    {
        var texture = (Texture2D)shown.Q<Image>().image;
        Color32[] pixels = texture.GetPixels32();
        using (var file = new BinaryWriter(File.Create(path)))
        {
            file.Write(System.Text.Encoding.ASCII.GetBytes($"P6 {texture.width} {texture.height} 255\n"));
            for (int row = texture.height - 1; row >= 0; row--)
                for (int column = 0; column < texture.width; column++)
                {
                    Color32 pixel = pixels[row * texture.width + column];
                    file.Write(new[] { pixel.r, pixel.g, pixel.b });
                }
        }
    }

    private static void Frame()
    {
        Stopwatch watch = Stopwatch.StartNew();
        EditorLoop.Frame();
        if (shown != null)
            shown.Tick();
        slowestFrame = Math.Max(slowestFrame, watch.Elapsed.TotalMilliseconds);
    }

    private static void Wait(double seconds)
    {
        double end = EditorApplication.timeSinceStartup + seconds;
        Until(() => EditorApplication.timeSinceStartup > end);
    }

    private static void Until(Func<bool> condition)
    {
        slowestFrame = 0;
        double end = EditorApplication.timeSinceStartup + Patience;
        while (!condition() && EditorApplication.timeSinceStartup < end)
        {
            Frame();
            System.Threading.Thread.Sleep(2);
        }
    }
}

[Serializable]
internal sealed class Report
{
    public bool done;
    public bool open;
    public double slowestFrame;
    public string state = "";
    public string message = "";
    public bool failed;
    public string status = "";
    public string asked = "";
    public string skybox = "";
    public string selected = "";
    public float yaw, pitch, fieldOfView;
    public float sunForward;
    public int objects;
    public SkyDraft draft = new SkyDraft();
    public List<SkyHistoryEntry> history = new List<SkyHistoryEntry>();
    public List<Element> elements = new List<Element>();
    public List<string> logged = new List<string>();

    internal static Report Of(SkyboxWindow window, SkyPreview shown, bool done, double slowestFrame)
    {
        var report = new Report
        {
            done = done,
            open = window != null,
            slowestFrame = slowestFrame,
            asked = EditorUser.Asked,
            sunForward = RenderSettings.sun == null ? 0 : RenderSettings.sun.transform.forward.z,
            skybox = AssetDatabase.GetAssetPath(RenderSettings.skybox),
            selected = AssetDatabase.GetAssetPath(Selection.activeObject),
            objects = UnityEngine.Object.Alive.Count(one => one is Texture2D),
            logged = Debug.Logged.Select(entry => entry.Value).ToList(),
        };
        if (window != null)
            report.Read(window, shown ?? window.rootVisualElement.Q<SkyPreview>());
        return report;
    }

    private void Read(SkyboxWindow window, SkyPreview preview)
    {
        SkyboxSession session = window.Session;
        state = session.State.ToString();
        message = session.Job.Message;
        failed = session.Job.HasFailed;
        status = session.Link.Message;
        draft = session.Draft;
        history = session.History.Entries.ToList();
        PanoramaView view = preview.View;
        if (view != null)
        {
            yaw = view.Yaw;
            pitch = view.Pitch;
            fieldOfView = view.FieldOfView;
        }
        Collect(window.rootVisualElement, true);
    }

    private void Collect(VisualElement parent, bool shown)
    {
        foreach (VisualElement child in parent.Children())
        {
            bool visible = shown && !child.ClassListContains("sky-hidden");
            elements.Add(Element.Of(child, visible));
            Collect(child, visible);
        }
    }
}

[Serializable]
internal sealed class Element
{
    public string name = "";
    public string kind = "";
    public string text = "";
    public string tooltip = "";
    public bool enabled, shown, chosen, focused, pictured;
    public List<string> choices = new List<string>();

    internal static Element Of(VisualElement element, bool shown)
    {
        var image = element.Q<Image>() ?? element as Image;
        return new Element
        {
            name = element.name,
            kind = element.GetType().Name,
            text = TextOf(element),
            tooltip = element.tooltip,
            enabled = element.enabledInHierarchy,
            shown = shown,
            chosen = element.ClassListContains("sky-chosen"),
            focused = VisualElement.Focused == element,
            pictured = image != null && image.image != null,
            choices = element is DropdownField ? ((DropdownField)element).choices : new List<string>(),
        };
    }

    private static string TextOf(VisualElement element)
    {
        if (element is TextElement)
            return ((TextElement)element).text;
        if (element is HelpBox)
            return ((HelpBox)element).text;
        if (element is ProgressBar)
            return ((ProgressBar)element).title;
        if (element is Foldout)
            return ((Foldout)element).text;
        if (element is BaseField<string>)
            return ((BaseField<string>)element).value;
        if (element is BaseField<float>)
            return ((BaseField<float>)element).value.ToString("0.####");
        return element is BaseField<bool> ? ((BaseField<bool>)element).value.ToString() : "";
    }
}
