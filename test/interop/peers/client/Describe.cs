using System;
using System.ServiceModel;

namespace Interop
{
    /// <summary>Turns what a caller can see of an exception into JSON.</summary>
    public static class Describe
    {
        public static JsonObject Exception(Exception error)
        {
            if (error == null) return null;
            var result = new JsonObject { { "type", TypeName(error.GetType()) }, { "message", error.Message } };
            var fault = error as FaultException;
            if (fault != null)
            {
                result.Add("code", Code(fault.Code));
                result.Add("reason", fault.Reason == null ? null : fault.Reason.ToString());
                result.Add("action", fault.Action);
                result.Add("detail", Detail(fault));
            }
            result.Add("inner", Exception(error.InnerException));
            return result;
        }

        /// <summary>Such as "System.ServiceModel.FaultException&lt;System.String&gt;".</summary>
        private static string TypeName(Type type)
        {
            if (!type.IsGenericType) return type.FullName;
            string name = type.GetGenericTypeDefinition().FullName;
            return name.Substring(0, name.IndexOf('`')) + "<" + TypeName(type.GetGenericArguments()[0]) + ">";
        }

        private static JsonObject Code(FaultCode code)
        {
            if (code == null) return null;
            return new JsonObject { { "name", code.Name }, { "namespace", code.Namespace }, { "subcode", Code(code.SubCode) } };
        }

        private static object Detail(FaultException fault)
        {
            var text = fault as FaultException<string>;
            if (text != null) return text.Detail;
            var problem = fault as FaultException<Problem>;
            if (problem != null)
                return new JsonObject { { "Number", problem.Detail.Number }, { "Text", problem.Detail.Text } };
            var detail = fault as FaultException<ExceptionDetail>;
            return detail == null ? null : ServiceException(detail.Detail);
        }

        private static JsonObject ServiceException(ExceptionDetail detail)
        {
            if (detail == null) return null;
            return new JsonObject
            {
                { "Type", detail.Type },
                { "Message", detail.Message },
                { "HelpLink", detail.HelpLink },
                // The trace itself is the service's own business and never the same twice.
                { "HasStackTrace", detail.StackTrace != null },
                { "InnerException", ServiceException(detail.InnerException) },
            };
        }
    }
}
