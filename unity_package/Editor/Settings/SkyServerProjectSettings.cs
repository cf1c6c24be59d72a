using UnityEditor;
using UnityEngine;

namespace SkyServer.Editor
{
    /// <summary>
    /// What a project keeps of <see cref="SkyServerSettings"/>, in a file for its version control.
    /// </summary>
    [FilePath("ProjectSettings/SkyServerSettings.asset", FilePathAttribute.Location.ProjectFolder)]
    internal sealed class SkyServerProjectSettings : ScriptableSingleton<SkyServerProjectSettings>
    {
        [SerializeField] internal string Address = SkyServerSettings.DefaultAddress;
        [SerializeField] internal string DefaultFolder = "Assets/Skies";
        [SerializeField] internal int DefaultPanoramaWidth = 4096;
        [SerializeField] internal int DefaultFaceSize = 1024;

        internal void Save()
        {
            Save(true);
        }
    }
}
