// An editor that only calls; see client_editor.py. The package lives in an AppDomain of its own, which
// `reload` unloads and loads anew as Unity does.
using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using SkyServer.Editor;
using SkyServer.V1;
using UnityEditor;

public static class ClientHarness
{
    private static AppDomain _domain;
    private static Scripts _scripts;

    public static void Main()
    {
        Load();
        Commands.Serve(words => words[0] == "reload" ? Reload() : _scripts.Do(words), () => _scripts.Quit());
    }

    private static void Load()
    {
        _domain = AppDomain.CreateDomain("scripts");
        string here = typeof(ClientHarness).Assembly.Location;
        _scripts = (Scripts)_domain.CreateInstanceFromAndUnwrap(here, typeof(Scripts).FullName);
        _scripts.Load();
    }

    /// <summary>Returns the milliseconds until the old domain was gone.</summary>
    private static string Reload()
    {
        Stopwatch watch = Stopwatch.StartNew();
        _scripts.BeforeReload();
        AppDomain.Unload(_domain);
        double unloaded = watch.Elapsed.TotalMilliseconds;
        Load();
        return unloaded.ToString("0.0");
    }
}

/// <summary>The editor's side of the package's own domain.</summary>
public sealed class Scripts : MarshalByRefObject
{
    private const double Patience = 60;

    private readonly Dictionary<string, Call> _calls = new Dictionary<string, Call>();
    private double _slowestFrame;

    public override object InitializeLifetimeService()
    {
        return null;
    }

    public void Load()
    {
        EditorLoop.Load(typeof(SkyServerClient).Assembly);
    }

    public void BeforeReload()
    {
        EditorLoop.BeforeReload();
    }

    public void Quit()
    {
        EditorLoop.Quit();
    }

    public string Do(string[] words)
    {
        switch (words[0])
        {
            case "begin":
                var watch = new ThreadWatch();
                _calls[words[1]] = Call.Begin(words[2], new Uri(words[3]), words[4], words.Skip(5).ToArray());
                return watch.Milliseconds.ToString("0.0");
            case "play":
                EditorLoop.ChangePlayMode(PlayModeStateChange.ExitingEditMode);
                EditorLoop.ChangePlayMode(PlayModeStateChange.EnteredPlayMode);
                return "playing";
            case "progress":
                Until(() => _calls[words[1]].Stages.Count > 0 || _calls[words[1]].Task.IsCompleted);
                return string.Join(" ", _calls[words[1]].Stages);
            case "end":
                Until(() => _calls[words[1]].Task.IsCompleted);
                return _calls[words[1]].Outcome();
            case "cancel":
                return _calls[words[1]].Cancel();
            case "set":
                return Set(words[1], words[2]);
            case "local":
                return Local(words[1]);
            case "await":
                return Await((LocalServerState)Enum.Parse(typeof(LocalServerState), words[1]));
            case "slowest-frame":
                double slowest = _slowestFrame;
                _slowestFrame = 0;
                return slowest.ToString("0.00");
            default:
                throw new ArgumentException(words[0]);
        }
    }

    private static string Set(string setting, string value)
    {
        switch (setting)
        {
            case "address":
                SkyServerSettings.Address = new Uri(value);
                break;
            case "python":
                SkyServerSettings.PythonPath = value;
                break;
            default:
                throw new ArgumentException(setting);
        }
        return "set";
    }

    /// <summary>Returns the milliseconds that the main thread was held.</summary>
    private static string Local(string verb)
    {
        var watch = new ThreadWatch();
        if (verb == "start")
            LocalServer.Start();
        else if (verb == "stop")
            LocalServer.Stop();
        return watch.Milliseconds.ToString("0.0");
    }

    private string Await(LocalServerState state)
    {
        Until(() => LocalServer.State == state);
        return LocalServer.Message;
    }

    private void Until(Func<bool> condition)
    {
        EditorLoop.RunUntil(
            () =>
            {
                _slowestFrame = Math.Max(_slowestFrame, EditorLoop.Frame());
                return condition();
            },
            Patience);
    }
}

/// <summary>A call under way.</summary>
internal sealed class Call
{
    private readonly CancellationTokenSource _source = new CancellationTokenSource();

    internal readonly List<string> Stages = new List<string>();

    internal Task<string> Task { get; private set; }

    internal static Call Begin(string method, Uri address, string token, string[] arguments)
    {
        var call = new Call();
        call.Task = call.MakeAsync(method, address, token, arguments);
        return call;
    }

    /// <summary>Returns the milliseconds until the call has ended, and how it did.</summary>
    internal string Cancel()
    {
        Stopwatch watch = Stopwatch.StartNew();
        var held = new ThreadWatch();
        _source.Cancel();
        double blocked = held.Milliseconds;
        ((IAsyncResult)Task).AsyncWaitHandle.WaitOne(10000);
        return $"{watch.Elapsed.TotalMilliseconds:0.0}\t{blocked:0.0}\t{Outcome()}";
    }

    internal string Outcome()
    {
        if (!Task.IsCompleted)
            return "running";
        if (Task.IsCanceled)
            return "cancelled";
        if (!Task.IsFaulted)
            return "ok\t" + Task.Result;
        Exception error = Task.Exception.GetBaseException();
        var known = error as SkyServerException ?? Task.Exception.InnerException as SkyServerException;
        if (known == null)
            throw new InvalidOperationException("a call ended with no error of the package's", error);
        string delay = known.RetryDelay.HasValue ? known.RetryDelay.Value.TotalMilliseconds.ToString("0") : "";
        return string.Join("\t", "error", known.Code, known.Reason, known.Field, delay, known.Message);
    }

    private async Task<string> MakeAsync(string method, Uri address, string token, string[] arguments)
    {
        using (var client = new SkyServerClient(address, token))
        {
            switch (method)
            {
                case "describe":
                    DescribeResponse server = await client.DescribeAsync(_source.Token);
                    return server.ServerVersion + " " + string.Join(" ", server.Models.Select(m => m.Name));
                case "generate":
                    return Told(await client.GenerateAsync(Request(arguments), Progressed, _source.Token));
                case "convert":
                    var convert = new ConvertRequest();
                    convert.Images.Add(File.ReadAllBytes(arguments[0]));
                    return Told(await client.ConvertAsync(convert, Progressed, _source.Token));
                case "thumbnails":
                    IList<Thumbnail> pictures = await client.ThumbnailsAsync(new ThumbnailsRequest(), _source.Token);
                    return string.Join(" ", pictures.Select(p => p.Cloud + ":" + p.Image.Length));
                default:
                    throw new ArgumentException(method);
            }
        }
    }

    private static GenerateRequest Request(string[] arguments)
    {
        var request = new GenerateRequest { Cloud = arguments[0] };
        if (arguments.Length > 1)
            request.Outputs.Add(new Output { Layout = Layout.Faces, Size = uint.Parse(arguments[1]) });
        return request;
    }

    private void Progressed(SkyServer.V1.Progress progress)
    {
        Stages.Add(progress.Stage);
    }

    private static string Told(SkyResult result)
    {
        return string.Join(" ", result.Files.Select(file =>
            $"{file.Name}:{file.MediaType}:{file.Width}x{file.Height}:{file.Data.Length}"));
    }
}
