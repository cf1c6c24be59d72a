using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using SkyServer.Editor.Protobuf;
using SkyServer.V1;

namespace SkyServer.Editor
{
    /// <summary>What a call ended with, as it stands in the headers or in the trailer frame.</summary>
    internal static class GrpcStatus
    {
        internal const string StatusKey = "grpc-status";

        private const string MessageKey = "grpc-message";
        private const string DetailsKey = "grpc-status-details-bin";
        private const string TypePrefix = "type.googleapis.com/google.rpc.";

        /// <summary>The payload of a trailer frame, lines of <c>key: value</c>, by lower case key.</summary>
        internal static Dictionary<string, string> ParseTrailer(byte[] payload)
        {
            var fields = new Dictionary<string, string>();
            foreach (string line in Encoding.ASCII.GetString(payload).Split('\n'))
            {
                int colon = line.IndexOf(':');
                if (colon > 0)
                {
                    string key = line.Substring(0, colon).Trim().ToLowerInvariant();
                    fields[key] = line.Substring(colon + 1).Trim();
                }
            }
            return fields;
        }

        /// <summary>The error that these fields tell of, or null where the status is OK.</summary>
        /// <exception cref="FormatException">They hold no status.</exception>
        internal static SkyServerException ToError(IDictionary<string, string> fields)
        {
            int code;
            if (!int.TryParse(ValueOf(fields, StatusKey), out code))
            {
                throw new FormatException("no " + StatusKey);
            }
            if (code == (int)StatusCode.Ok)
            {
                return null;
            }
            Details details = ReadDetails(ValueOf(fields, DetailsKey));
            return new SkyServerException(
                Enum.IsDefined(typeof(StatusCode), code) ? (StatusCode)code : StatusCode.Unknown,
                details.Info.Reason,
                ForPeople(code, ValueOf(fields, MessageKey), details.RetryDelay),
                ValueOf(details.Info.Metadata, "field"),
                details.RetryDelay);
        }

        private static string ForPeople(int code, string encoded, TimeSpan? retryDelay)
        {
            // Whatever the server says, it stays one line.
            string message = string.Join(
                " ", Uri.UnescapeDataString(encoded).Split('\r', '\n', '\t')).Trim();
            if (message.Length == 0)
            {
                message = $"The server ended the call with status {code} and does not say why";
            }
            if (retryDelay.HasValue)
            {
                message += $"; try again in {Math.Ceiling(retryDelay.Value.TotalSeconds)} s";
            }
            return message;
        }

        /// <summary>Details only add to a status: where they cannot be read, there are none.</summary>
        private static Details ReadDetails(string base64)
        {
            var found = new Details { Info = new ErrorInfo() };
            try
            {
                int padding = -base64.Length & 3; // senders may leave it out
                byte[] encoded = Convert.FromBase64String(base64 + new string('=', padding));
                foreach (Any detail in Status.Parse(encoded).Details)
                {
                    if (detail.TypeUrl == TypePrefix + "ErrorInfo")
                    {
                        found.Info = ErrorInfo.Parse(detail.Value);
                    }
                    else if (detail.TypeUrl == TypePrefix + "RetryInfo")
                    {
                        found.RetryDelay = ToTimeSpan(RetryInfo.Parse(detail.Value).RetryDelay);
                    }
                }
            }
            catch (FormatException)
            {
            }
            catch (InvalidProtobufException)
            {
            }
            return found;
        }

        private static TimeSpan ToTimeSpan(Duration duration)
        {
            const double longest = 3600;
            double seconds = duration == null ? 0 : duration.Seconds + duration.Nanos * 1e-9;
            return TimeSpan.FromSeconds(Math.Min(Math.Max(seconds, 0), longest));
        }

        private static string ValueOf(IDictionary<string, string> fields, string key)
        {
            string value;
            return fields.TryGetValue(key, out value) ? value : "";
        }

        private struct Details
        {
            internal ErrorInfo Info;
            internal TimeSpan? RetryDelay;
        }
    }
}
