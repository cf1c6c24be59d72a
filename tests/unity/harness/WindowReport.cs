using System;
using System.Collections.Generic;
using System.Linq;
using SkyServer;
using SkyServer.Editor;
using UnityEditor;
using UnityEngine;
using UnityEngine.UIElements;

// What the user of the window sees.
[Serializable]
internal sealed class WindowReport
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

    internal static WindowReport Of(SkyboxWindow window, SkyPreview shown, bool done, double slowestFrame)
    {
        var report = new WindowReport
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
