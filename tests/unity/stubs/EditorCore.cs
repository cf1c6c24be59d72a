// Stubs of UnityEditor: the editor's loop and its script domains.
using System;
using System.Diagnostics;
using System.Globalization;
using System.Linq;
using System.Reflection;

namespace UnityEditor
{
    public enum PlayModeStateChange
    {
        EnteredEditMode = 0,
        ExitingEditMode = 1,
        EnteredPlayMode = 2,
        ExitingPlayMode = 3,
    }

    public static partial class EditorApplication
    {
        public delegate void CallbackFunction();

        public static CallbackFunction update;
        public static CallbackFunction delayCall;

        private static readonly Stopwatch SinceStartup = Stopwatch.StartNew();

        public static event Action quitting = () => { };

        public static event Action<PlayModeStateChange> playModeStateChanged = state => { };

        public static double timeSinceStartup
        {
            get { return SinceStartup.Elapsed.TotalSeconds; }
        }

        public static bool isPlayingOrWillChangePlaymode { get; set; }

        public static bool isCompiling { get; set; }

        internal static void Quit()
        {
            quitting();
        }

        internal static void Change(PlayModeStateChange state)
        {
            playModeStateChanged(state);
        }
    }

    public static class AssemblyReloadEvents
    {
        public delegate void AssemblyReloadCallback();

        public static event AssemblyReloadCallback beforeAssemblyReload = () => { };

        public static event AssemblyReloadCallback afterAssemblyReload = () => { };

        internal static void Before()
        {
            beforeAssemblyReload();
        }

        internal static void After()
        {
            afterAssemblyReload();
        }
    }

    [AttributeUsage(AttributeTargets.Class)]
    public class InitializeOnLoadAttribute : Attribute
    {
    }

    [AttributeUsage(AttributeTargets.Method)]
    public class InitializeOnLoadMethodAttribute : Attribute
    {
    }

    /// <summary>What a test does in Unity's place. There is no such class in Unity.</summary>
    public static class EditorLoop
    {
        /// <summary>What Unity does first in a new script domain.</summary>
        public static void Load(Assembly scripts)
        {
            // mono can lock up where two threads are the first to need these, which no editor is
            GC.KeepAlive(StringComparer.OrdinalIgnoreCase);
            GC.KeepAlive(CultureInfo.CurrentCulture.CompareInfo);
            GC.KeepAlive(CultureInfo.InvariantCulture.CompareInfo);
            foreach (Type type in scripts.GetTypes())
                if (type.IsDefined(typeof(InitializeOnLoadAttribute), false))
                    System.Runtime.CompilerServices.RuntimeHelpers.RunClassConstructor(type.TypeHandle);
            const BindingFlags any = BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic;
            foreach (MethodInfo method in scripts.GetTypes().SelectMany(type => type.GetMethods(any)))
                if (method.IsDefined(typeof(InitializeOnLoadMethodAttribute), false))
                    method.Invoke(null, null);
            AssemblyReloadEvents.After();
        }

        /// <summary>What Unity does last in a script domain.</summary>
        public static void BeforeReload()
        {
            AssemblyReloadEvents.Before();
        }

        public static void Quit()
        {
            EditorApplication.Quit();
        }

        public static void ChangePlayMode(PlayModeStateChange state)
        {
            EditorApplication.Change(state);
        }

        /// <summary>One frame of the editor.</summary>
        /// <returns>The time that all callbacks took, in milliseconds.</returns>
        public static double Frame()
        {
            var watch = new ThreadWatch();
            EditorApplication.CallbackFunction delayed = EditorApplication.delayCall;
            EditorApplication.delayCall = null;
            if (EditorApplication.update != null)
                EditorApplication.update();
            if (delayed != null)
                delayed();
            return watch.Milliseconds;
        }

        /// <summary>Frames until the condition holds.</summary>
        /// <exception cref="TimeoutException">It did not within the time, in seconds.</exception>
        public static void RunUntil(Func<bool> condition, double seconds)
        {
            Stopwatch watch = Stopwatch.StartNew();
            while (!condition())
            {
                if (watch.Elapsed.TotalSeconds > seconds)
                    throw new TimeoutException("the condition did not come true");
                Frame();
                System.Threading.Thread.Sleep(2);
            }
        }
    }
}
