using System;
using System.IO;
using System.Linq;

namespace SkyServer.Editor
{
    /// <summary>
    /// What is wrong with a setting: one line that says what is allowed, or null when it is right.
    /// </summary>
    internal static class SettingsCheck
    {
        internal static string Address(string text)
        {
            Uri address;
            if (!Uri.TryCreate(text, UriKind.Absolute, out address)
                || (address.Scheme != Uri.UriSchemeHttp && address.Scheme != Uri.UriSchemeHttps))
            {
                return "The address has to look like http://127.0.0.1:8080 or https://sky.example.com.";
            }
            if (address.UserInfo.Length > 0)
            {
                return "The address must not hold a name or a password; there is a field for the token.";
            }
            if (address.PathAndQuery != "/" || address.Fragment.Length > 0)
            {
                return "The address ends with the host or the port, without a path.";
            }
            return null;
        }

        internal static string Token(string token)
        {
            return token.All(c => c > ' ' && c <= '~')
                ? null
                : "The token has to be letters, digits and signs without spaces, as it was given to you.";
        }

        /// <summary>A bare name, as in <c>python3</c>, is looked for when the server starts.</summary>
        internal static string PythonPath(string path)
        {
            bool isName = path.Length == 0 || Path.GetFileName(path) == path;
            if (isName || File.Exists(path))
            {
                return null;
            }
            return Directory.Exists(path)
                ? "This is a folder; choose the Python program in it."
                : "There is no such file; leave the field empty to have Python found.";
        }

        internal static string Folder(string path)
        {
            string[] parts = path.Split('/');
            if (parts[0] != "Assets")
            {
                return "The folder has to be in Assets, as in Assets/Skies.";
            }
            bool isPlain = parts.All(part => part.Length > 0 && part.Trim(' ', '.') == part
                && part.IndexOfAny("\\:*?\"<>|".ToCharArray()) < 0 && !part.Any(char.IsControl));
            return isPlain ? null : "The folder has a part that cannot be a folder's name.";
        }
    }
}
