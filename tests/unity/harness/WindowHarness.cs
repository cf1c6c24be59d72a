using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using SkyServer;
using SkyServer.Editor;
using UnityEditor;
using UnityEngine;
using UnityEngine.UIElements;

// An editor whose user works in the window: each command is something that he does, the answer is what
// he sees then; see window_editor.py.
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
        Commands.Serve(Answer, EditorLoop.Quit);
    }

    private static string Answer(string[] words)
    {
        bool done = Do(words[0], words.Skip(1).ToArray());
        return JsonUtility.ToJson(WindowReport.Of(Window, shown, done, slowestFrame));
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
            case "close": Close(); break;
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

    private static void Close()
    {
        Window.Close();
        shown?.Dispose();
        shown = null;
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
        else if (setting == "token")
            SkyServerSettings.Token = value;
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
        var watch = new ThreadWatch();
        EditorLoop.Frame();
        if (shown != null)
            shown.Tick();
        slowestFrame = Math.Max(slowestFrame, watch.Milliseconds);
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
