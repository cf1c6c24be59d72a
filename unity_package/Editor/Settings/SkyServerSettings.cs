using System;
using UnityEditor;

namespace SkyServer.Editor
{
    /// <summary>
    /// What the page Project Settings &gt; SkyServer holds. The token and Python belong to the user and
    /// stay out of the project's files; the rest is the project's. Main thread only.
    /// </summary>
    public static class SkyServerSettings
    {
        internal const string DefaultAddress = "http://127.0.0.1:8080";

        private const string PythonPathKey = "SkyServer.PythonPath";

        /// <summary>A setting has a new value.</summary>
        public static event Action Changed;

        /// <summary>Where the server answers over HTTP, as in <c>http://127.0.0.1:8080</c>.</summary>
        /// <exception cref="ArgumentException">It is no such address; the message says why.</exception>
        public static Uri Address
        {
            get
            {
                string stored = Project.Address;
                return new Uri(SettingsCheck.Address(stored) == null ? stored : DefaultAddress);
            }
            set
            {
                Require(SettingsCheck.Address(value.OriginalString));
                Project.Address = value.OriginalString;
                SaveProject();
            }
        }

        /// <summary>
        /// Sent to the server at <see cref="Address"/> as a bearer token; empty for none. Each address has
        /// its own, so that a project which names another server does not get it.
        /// </summary>
        /// <exception cref="ArgumentException">A header cannot carry it.</exception>
        public static string Token
        {
            get { return EditorPrefs.GetString(TokenKey, ""); }
            set
            {
                Require(SettingsCheck.Token(value));
                EditorPrefs.SetString(TokenKey, value);
                Changed?.Invoke();
            }
        }

        /// <summary>The Python that starts the local server; empty to find one.</summary>
        /// <exception cref="ArgumentException">There is no such file.</exception>
        public static string PythonPath
        {
            get { return EditorPrefs.GetString(PythonPathKey, ""); }
            set
            {
                Require(SettingsCheck.PythonPath(value));
                EditorPrefs.SetString(PythonPathKey, value);
                Changed?.Invoke();
            }
        }

        /// <summary>Where skies are made, as in <c>Assets/Skies</c>; need not exist.</summary>
        /// <exception cref="ArgumentException">It is no folder of the project's assets.</exception>
        public static string DefaultFolder
        {
            get { return Project.DefaultFolder; }
            set
            {
                Require(SettingsCheck.Folder(value));
                Project.DefaultFolder = value;
                SaveProject();
            }
        }

        /// <summary>Of a panoramic skybox, in pixels; its height is half of it.</summary>
        public static int DefaultPanoramaWidth
        {
            get { return Project.DefaultPanoramaWidth; }
            set
            {
                Project.DefaultPanoramaWidth = value;
                SaveProject();
            }
        }

        /// <summary>The edge of a cube face, in pixels.</summary>
        public static int DefaultFaceSize
        {
            get { return Project.DefaultFaceSize; }
            set
            {
                Project.DefaultFaceSize = value;
                SaveProject();
            }
        }

        private static string TokenKey
        {
            get { return "SkyServer.Token " + Address.GetLeftPart(UriPartial.Authority); }
        }

        private static SkyServerProjectSettings Project
        {
            get { return SkyServerProjectSettings.instance; }
        }

        private static void SaveProject()
        {
            Project.Save();
            Changed?.Invoke();
        }

        private static void Require(string problem)
        {
            if (problem != null)
            {
                throw new ArgumentException(problem);
            }
        }
    }
}
