using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using SkyServer;
using SkyServer.Editor;
using UnityEditor;
using UnityEngine;
using UnityEngine.UIElements;

// An editor that makes assets: each command has an argument and a recipe, the answer is JSON; see
// assets_editor.py.
internal static class AssetsHarness
{
    private const string Folder = "Assets/Skies";
    private const double Patience = 60; // seconds

    private static readonly Dictionary<string, SkyResult> Answers = new Dictionary<string, SkyResult>();

    private static SkyServerClient client;

    private static void Main(string[] arguments)
    {
        EditorLoop.Load(typeof(SkyAssets).Assembly);
        SkyServerSettings.Address = new Uri(arguments[0]);
        client = new SkyServerClient(SkyServerSettings.Address, SkyServerSettings.Token);
        Commands.Serve(words => JsonUtility.ToJson(Answer(words[0], words[1], words[2])), client.Dispose);
    }

    private static object Answer(string command, string argument, string json)
    {
        var recipe = JsonUtility.FromJson<SkyRecipe>(json);
        switch (command)
        {
            case "create": return SkyReport.Of(SkyAssets.Create(Generate(json), recipe, Folder));
            case "align": return Align(argument);
            case "apply": return Apply(argument);
            case "again": return new SceneReport { message = Press(argument, "Make Again") };
            case "convert": return SkyReport.Of(Convert(argument, recipe));
            case "fail": return BreakAt(int.Parse(argument), json, Fail);
            case "cancel": return BreakAt(int.Parse(argument), json, source => source.Cancel());
            default: throw new ArgumentException(command);
        }
    }

    private static SkyResult Generate(string json)
    {
        if (!Answers.ContainsKey(json))
        {
            var request = SkyRequests.From(JsonUtility.FromJson<SkyRecipe>(json));
            Answers[json] = Wait(client.GenerateAsync(request, null, CancellationToken.None));
        }
        return Answers[json];
    }

    private static SceneReport Align(string path)
    {
        Light sun = new GameObject("Sun").AddComponent<Light>();
        sun.type = LightType.Directional;
        RenderSettings.sun = sun;
        string message = Press(path, "Align Sun");
        return new SceneReport { message = message, forward = sun.transform.forward, color = sun.color };
    }

    private static SceneReport Apply(string path)
    {
        var old = new Material(Shader.Find("Skybox/Cubemap")) { name = "old" };
        RenderSettings.skybox = old;
        Undo.ClearAll();
        DynamicGI.Updates.Clear();
        var report = new SceneReport { message = Press(path, "Apply to Scene"), steps = Undo.Steps };
        Undo.PerformUndo();
        report.lighting = DynamicGI.Updates.Select(skybox => skybox.name).ToArray();
        return report;
    }

    // A button of the sky's inspector; what stands there once its work is done.
    private static string Press(string path, string text)
    {
        var sky = AssetDatabase.LoadAssetAtPath<GeneratedSky>(path);
        VisualElement inspector = Inspector.Show(sky, typeof(SkyAssets).Assembly);
        Button wanted = inspector.Children().OfType<Button>().Single(button => button.text == text);
        Button cancel = inspector.Children().OfType<Button>().Single(button => button.text == "Cancel");
        wanted.Click();
        EditorLoop.RunUntil(() => !cancel.enabledSelf, Patience);
        return inspector.Children().OfType<Label>().Last().text;
    }

    private static GeneratedSky Convert(string path, SkyRecipe recipe)
    {
        AssetDatabase.Refresh();
        var texture = AssetDatabase.LoadAssetAtPath<Texture2D>(path);
        recipe.SourceGuid = AssetDatabase.AssetPathToGUID(path);
        var request = SkyRequests.From(texture, recipe);
        SkyResult result = Wait(client.ConvertAsync(request, null, CancellationToken.None));
        return SkyAssets.Create(result, recipe, Folder);
    }

    private static T Wait<T>(Task<T> task)
    {
        EditorLoop.RunUntil(() => task.IsCompleted, Patience);
        return task.Result;
    }

    // Lets something happen in the middle of a call of Unity's, the n-th that the package makes.
    private static BreakReport BreakAt(int number, string json, Action<CancellationTokenSource> happen)
    {
        SkyResult result = Generate(json);
        var recipe = JsonUtility.FromJson<SkyRecipe>(json);
        var report = new BreakReport();
        var source = new CancellationTokenSource();
        AssetDatabase.Calls = call =>
        {
            if (number-- == 0)
            {
                report.call = call;
                happen(source);
            }
        };
        try
        {
            SkyAssets.Create(result, recipe, Folder, source.Token);
        }
        catch (Exception error)
        {
            report.error = error.GetType().Name;
        }
        AssetDatabase.Calls = call => { };
        report.isEditing = AssetDatabase.IsEditing;
        report.objects = UnityEngine.Object.Alive.Count(item => item is Material || item is GeneratedSky);
        return report;
    }

    private static void Fail(CancellationTokenSource source)
    {
        throw new IOException("the disk is full");
    }
}

[Serializable]
internal sealed class SceneReport
{
    public string message;
    public string[] steps = { };
    public string[] lighting = { };
    public Vector3 forward;
    public Color color;
}

[Serializable]
internal sealed class BreakReport
{
    public string call = "";
    public string error = "";
    public bool isEditing;
    public int objects;
}

[Serializable]
internal sealed class SkyReport
{
    public string path;
    public string shader;
    public string[] keywords;
    public List<NamedFloat> floats = new List<NamedFloat>();
    public List<NamedColor> colors = new List<NamedColor>();
    public List<NamedTexture> textures = new List<NamedTexture>();
    public SkyRecipe recipe;

    public static SkyReport Of(GeneratedSky sky)
    {
        Material material = sky.Material;
        var report = new SkyReport
        {
            path = AssetDatabase.GetAssetPath(sky),
            shader = material.shader.name,
            keywords = material.shaderKeywords,
            recipe = sky.Recipe,
        };
        foreach (var value in material.Floats)
            report.floats.Add(new NamedFloat { name = value.Key, value = value.Value });
        foreach (var value in material.Colors)
            report.colors.Add(new NamedColor { name = value.Key, value = value.Value });
        foreach (var value in material.Textures)
            report.textures.Add(NamedTexture.Of(value.Key, value.Value));
        return report;
    }
}

[Serializable]
internal sealed class NamedFloat
{
    public string name;
    public float value;
}

[Serializable]
internal sealed class NamedColor
{
    public string name;
    public Color value;
}

[Serializable]
internal sealed class NamedTexture
{
    public string name;
    public string file;
    public int width;
    public int height;
    public int maxTextureSize;
    public bool mipmapEnabled;
    public bool sRGBTexture;
    public bool isReadable;
    public bool seamlessCubemap;
    public string textureType;
    public string textureShape;
    public string generateCubemap;
    public string cubemapConvolution;
    public string npotScale;
    public string textureCompression;
    public string alphaSource;
    public string filterMode;
    public string wrapModeU;
    public string wrapModeV;

    public static NamedTexture Of(string property, Texture texture)
    {
        string path = AssetDatabase.GetAssetPath(texture);
        var importer = (TextureImporter)AssetImporter.GetAtPath(path);
        var settings = new TextureImporterSettings();
        importer.ReadTextureSettings(settings);
        return new NamedTexture
        {
            name = property,
            file = path,
            width = texture.width,
            height = texture.height,
            maxTextureSize = importer.maxTextureSize,
            mipmapEnabled = importer.mipmapEnabled,
            sRGBTexture = importer.sRGBTexture,
            isReadable = importer.isReadable,
            seamlessCubemap = settings.seamlessCubemap,
            textureType = importer.textureType.ToString(),
            textureShape = importer.textureShape.ToString(),
            generateCubemap = importer.generateCubemap.ToString(),
            cubemapConvolution = settings.cubemapConvolution.ToString(),
            npotScale = importer.npotScale.ToString(),
            textureCompression = importer.textureCompression.ToString(),
            alphaSource = importer.alphaSource.ToString(),
            filterMode = importer.filterMode.ToString(),
            wrapModeU = importer.wrapModeU.ToString(),
            wrapModeV = importer.wrapModeV.ToString(),
        };
    }
}
